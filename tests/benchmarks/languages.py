"""Steps per second of an environment in C++ over our stream, against the same one in Python, and against dm_env_rpc.

Servers and clients are processes of their own, all on one core. dm_env_rpc comes from PyPI into build/dm-env-rpc; its
server and client are made of its package. Its world has the same dynamics once, and none once (still): then only the
way is measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.measure import Measure, interleaved, pinned, ratio
from tests.support.repository import ROOT

PEER: Final = Path(__file__).with_name("dm_env_rpc_peer.py")
VENV: Final = ROOT / "build" / "dm-env-rpc"
BUILT: Final = ROOT / "build" / "bench-cpp"
TOOLS: Final = ("g++", "make", "pkg-config", "protoc", "grpc_cpp_plugin")
SUBSTEPS: Final = 50
STEPS: Final = {"C++": 3000, "Python": 300, "Python, still": 3000, "dm_env_rpc": 300, "dm_env_rpc, still": 1000}
WARM_UP: Final = 200
TIMEOUT_S: Final = 60.0
SET_UP_S: Final = 600.0
SESSION: Final = "/sparring.api.environment.v1.EnvironmentService/Session"


def measures(rounds: int) -> Iterator[Measure]:
    """Measure; nothing where the compiler's packages are missing."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"languages: not measured, no {', '.join(missing)} here (.ci/install-packages installs them)")
        return
    _build()
    theirs = _their_python()
    with pinned(), contextlib.ExitStack() as stack:
        own = (sys.executable, "-m", "tests.benchmarks.languages", "--child")
        servers = {
            "C++": (str(BUILT / "power-grid"),),
            "Python": (*own, "server", str(SUBSTEPS)),
            "Python, still": (*own, "server", "0"),
            "dm_env_rpc": (theirs, str(PEER), "server", str(SUBSTEPS)),
            "dm_env_rpc, still": (theirs, str(PEER), "server", "0"),
        }
        clients = {}
        for name, command in servers.items():
            server = _started(stack, *command)
            address = _line(server).split()[-1]
            asking = (theirs, str(PEER)) if name.startswith("dm_env_rpc") else own
            clients[name] = _started(stack, *asking, "client", address, str(STEPS[name]))
            assert _line(clients[name]) == "ready"
        taken = interleaved({name: lambda client=client: _asked(client) for name, client in clients.items()}, rounds)  # type: ignore[misc]
    for name, rates in taken.items():
        yield Measure(f"environment steps, {name}", sorted(rates)[len(rates) // 2], "1/s", "", "", rounds)
    goals = {"Python": "", "dm_env_rpc": ">= 5", "dm_env_rpc, still": ">= 5"}
    for name, goal in goals.items():
        yield Measure("environment steps, C++", ratio(taken, "C++", name), "ratio", goal, name, rounds)
    still = ratio(taken, "Python, still", "dm_env_rpc, still")
    yield Measure("environment steps, Python, still", still, "ratio", "", "dm_env_rpc, still", rounds)


def _build() -> None:
    command = ["make", "-j2", f"BUILD={BUILT}"]
    subprocess.run(command, cwd=ROOT / "examples" / "cpp", stdout=subprocess.DEVNULL, timeout=SET_UP_S, check=True)


def _their_python() -> str:
    """Return the Python that has dm_env_rpc; made once."""
    python = VENV / "bin" / "python"
    ready = VENV / ".ready"
    if not ready.is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], timeout=SET_UP_S, check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "dm_env_rpc"]
        subprocess.run(install, timeout=SET_UP_S, check=True)
        ready.touch()
    return str(python)


def _started(stack: contextlib.ExitStack, *command: str) -> subprocess.Popen[str]:
    # Only our own processes are started as we start them; the others as their users would.
    variables = _environment() if command[0] == sys.executable else None
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables)
    stack.callback(process.wait)
    stack.callback(process.kill)
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        stack.callback(pipe.close)
    return process


def _environment() -> dict[str, str]:
    from sparring.rpc.grpc_environment import child_environment  # not before the children have their environment

    return dict(child_environment(os.environ))


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, f"{process.args} said nothing"
    return line


def _asked(client: subprocess.Popen[str]) -> float:
    assert client.stdin is not None
    client.stdin.write("\n")
    client.stdin.flush()
    return float(_line(client))


def serve(substeps: int) -> None:
    """Serve the environment in Python as a slot does: in the stream's own thread, here the main one."""
    import threading

    from sparring.codec.environment_frames import EnvironmentFrames
    from sparring.codec.values import Chunks
    from sparring.environment.instance import EnvironmentInstance
    from sparring.rpc.step_stream import ServerStream, StepServer
    from tests.benchmarks.two_areas_environment import TwoAreas

    def converse(stream: ServerStream) -> None:
        codec, chunks = EnvironmentFrames(), Chunks()
        instance = EnvironmentInstance(lambda _: TwoAreas, existing=TwoAreas(substeps))
        data = stream.receive(TIMEOUT_S)
        while data is not None:
            sequence, request = codec.decode_request(data, chunks)
            instance.send(request)  # type: ignore[arg-type]
            (answer,) = codec.encode_response(sequence, instance.receive(0))
            data = stream.answer_and_receive(answer)

    server = StepServer({SESSION: converse})
    print(f"127.0.0.1:{server.bind()}", flush=True)
    server.serve(threading.Event())


def ask(address: str, steps: int) -> None:
    """Play whenever a line comes, as a rollout worker does; print steps per second."""
    import numpy as np

    from sparring.client.stream_session import open_environment
    from sparring.types.declaration import Component
    from sparring.types.frames import StartEnvironment, Update
    from sparring.types.plan import FixedAddress
    from sparring.types.values import Values

    session: Any = open_environment(FixedAddress(address), "grid")
    with contextlib.closing(session):
        session.send(StartEnvironment(Component("", {"duration_s": 1e9}), "grid", 1, (1,)))
        session.receive(TIMEOUT_S)
        setpoints = Values(np.full(2, 0.05).tobytes())

        def play(count: int) -> None:
            for _ in range(count):
                session.send(Update(setpoints))
                session.receive(TIMEOUT_S)

        play(WARM_UP)
        print("ready", flush=True)
        for _ in sys.stdin:
            begun = time.perf_counter()
            play(steps)
            print(steps / (time.perf_counter() - begun), flush=True)


def main() -> None:
    """Print the measures, or be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    match arguments.child:
        case None:
            for measure in measures(arguments.rounds):
                print(f"{measure.measure}: {measure.value:.4g} {measure.unit} {measure.peer} {measure.goal}")
        case ["server", substeps]:
            serve(int(substeps))
        case ["client", address, steps]:
            ask(address, int(steps))


if __name__ == "__main__":
    main()
