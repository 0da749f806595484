"""Frames per second through the relay against the direct way, side by side: `python -m tests.benchmarks.relay`.

A broker, three workers with a slot each (two that are reached, one that only dials out), their slots and the client are
processes of their own, as deployed. One client holds a session of each kind, and exchanges frames by each in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.benchmarks.measure import Measure, interleaved, pinned, ratio

METHOD: Final = "/sparring.benchmarks.Step/Run"
SIZES: Final = {"small": 16, "frame": 28_000}
WAYS: Final = ("direct", "relayed", "dial-out")
GOALS: Final = {"relayed": ">= 0.6", "dial-out": ">= 0.4"}
STEPS: Final = 2000
WARM_UP: Final = 200
TIMEOUT_S: Final = 60.0


def measures(rounds: int) -> Iterator[Measure]:
    """Measure on one core, then once more on all of them."""
    with pinned():
        yield from _measures(rounds, ", one core", GOALS)
    yield from _measures(max(1, rounds // 3), ", not pinned", {})


def _measures(rounds: int, where: str, goals: dict[str, str]) -> Iterator[Measure]:
    with deployed() as broker:
        command = [*_PYTHON, "--child", "client", broker, str(rounds)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=_environment(), check=True)
    for size, taken in json.loads(done.stdout).items():
        middle = sorted(taken["direct"])[len(taken["direct"]) // 2]
        yield Measure(f"frames, {size}, direct{where}", middle, "1/s", "", "", rounds)
        for way in WAYS[1:]:
            goal = goals.get(way, "") if size == "small" else ""
            yield Measure(f"frames, {size}, {way}{where}", ratio(taken, way, "direct"), "ratio", goal, "direct", rounds)


@contextlib.contextmanager
def deployed() -> Iterator[str]:
    """Run a broker and the workers for the length of the block; yields the broker's address."""
    with contextlib.ExitStack() as stack:
        broker = _started(stack, "broker")
        for way in WAYS:
            _started(stack, "worker", way, broker, _started(stack, "slot"))
        yield broker


def _started(stack: contextlib.ExitStack, *role: str) -> str:
    """Start a process; return what it says first."""
    process = subprocess.Popen([*_PYTHON, "--child", *role], stdout=subprocess.PIPE, text=True, env=_environment())
    stack.callback(process.wait)
    stack.callback(process.kill)
    assert process.stdout is not None
    stack.callback(process.stdout.close)
    return process.stdout.readline().strip()


def _environment() -> dict[str, str]:
    from sparring.rpc.grpc_environment import child_environment  # not before the children have their environment

    return dict(child_environment(os.environ))


async def serve_broker() -> None:
    """Run a broker with a relay."""
    from sparring.broker.serving import running_broker
    from sparring.broker.settings import BrokerSettings

    async with running_broker(BrokerSettings(address="127.0.0.1:0")) as server:
        print(server.address, flush=True)
        await asyncio.Event().wait()


def serve_slot() -> None:
    """Echo frames, in the main thread."""
    from sparring.rpc.step_stream import ServerStream, StepServer

    def echo(stream: ServerStream) -> None:
        message = stream.receive()
        while message is not None:
            message = stream.answer_and_receive(message)

    server = StepServer({METHOD: echo})
    print(f"127.0.0.1:{server.bind()}", flush=True)
    server.serve(threading.Event())


async def serve_worker(way: str, broker: str, slot: str) -> None:
    """Be the parent of a slot."""
    from sparring.client.connector import registered
    from sparring.types.holding import Admitted, OpenSession, SessionState

    class Everybody:
        def __init__(self) -> None:
            self.held: list[OpenSession] = []

        async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted:
            self.held.append(OpenSession(token, SessionState.CONNECTED))
            return Admitted(slot)

        def sessions(self) -> list[OpenSession]:
            return self.held

        async def withdraw(self, token: str) -> None:
            return None

    reach = (lambda token: slot) if way == "dial-out" else None
    async with registered(
        broker=broker, service=way, target=slot, slots=8, admission=Everybody(), reach=reach
    ) as connector:
        await connector.wait_registered()
        print("ready", flush=True)
        await asyncio.Event().wait()


async def ask(broker: str, rounds: int) -> None:
    """Hold a session by each way, and print frames per second by size and way."""
    from sparring.client.access import NO_ACCESS, connect
    from sparring.client.broker_client import BrokerClient, SlotWish
    from sparring.rpc.channels import open_channel

    async with open_channel(broker) as channel:
        wishes = {way: SlotWish(way) for way in WAYS}
        grants = await BrokerClient(channel).acquire(wishes, client_id="bench", run="bench", wait_s=TIMEOUT_S)
    places = {
        "direct": replace(grants["direct"], relay=""),
        "relayed": replace(grants["relayed"], address=""),
        "dial-out": grants["dial-out"],
    }
    with contextlib.ExitStack() as stack:
        streams = {}
        for way, place in places.items():
            steps = stack.enter_context(connect(place, place.token, NO_ACCESS))
            streams[way] = stack.enter_context(steps.open_stream(METHOD))

        def rate(way: str, size: int) -> float:
            stream, message = streams[way], bytes(size)
            for _ in range(WARM_UP):
                stream.exchange(message, TIMEOUT_S)
            begun = time.perf_counter()
            for _ in range(STEPS):
                stream.exchange(message, TIMEOUT_S)
            return STEPS / (time.perf_counter() - begun)

        taken = {
            name: interleaved({way: lambda way=way, size=size: rate(way, size) for way in WAYS}, rounds)  # type: ignore[misc]
            for name, size in SIZES.items()
        }
    print(json.dumps(taken))


_PYTHON: Final = (sys.executable, "-m", "tests.benchmarks.relay")


def main() -> None:
    """Print the measures, or be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    match arguments.child:
        case None:
            for measure in measures(arguments.rounds):
                print(f"{measure.measure}: {measure.value:.4g} {measure.unit} {measure.goal}")
        case ["broker"]:
            asyncio.run(serve_broker())
        case ["slot"]:
            serve_slot()
        case ["worker", way, broker, slot]:
            asyncio.run(serve_worker(way, broker, slot))
        case ["client", broker, rounds]:
            asyncio.run(ask(broker, int(rounds)))


if __name__ == "__main__":
    main()
