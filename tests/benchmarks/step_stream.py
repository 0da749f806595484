"""Round trips of step streams against grpc.aio streams, side by side: `python -m tests.benchmarks.step_stream`.

Client and server are two processes pinned to one core. Every round measures each candidate once, in shuffled order; the
medians over all rounds are compared. `EE` is the event engine, gRPC's default; `noEE` is without it (grpc_environment).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

METHOD: Final = "/sparring.benchmarks.Step/Run"
SIZES: Final = {"small": 16, "medium": 4_000, "frame": 28_000, "blob": 2**20}
BASE: Final = "aio EE"
CANDIDATES: Final = {
    "core noEE": ("core", True),
    "core noEE, own threads": ("threads", True),
    "core EE": ("core", False),
    "plain noEE": ("plain", True),
    "plain EE": ("plain", False),
    "aio noEE": ("aio", True),
    BASE: ("aio", False),
}
TIMEOUT_S: Final = 60.0
WARM_UP: Final = 200


def main() -> None:
    """Run the rounds and print medians, spread and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["small"])
    parser.add_argument("--only", nargs="+", choices=CANDIDATES, default=list(CANDIDATES))
    parser.add_argument("--child", nargs=3, metavar=("ROLE", "KIND", "SIZE"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        role, kind, size = arguments.child
        if role == "server":
            SERVERS[kind]()
        else:
            print(CLIENTS[kind](arguments.port, bytes(SIZES[size]), arguments.steps))
        return
    for size in arguments.sizes:
        taken: dict[str, list[float]] = {name: [] for name in arguments.only}
        for _ in range(arguments.rounds):
            for name in random.sample(arguments.only, len(arguments.only)):
                taken[name].append(measure(*CANDIDATES[name], size, arguments.steps))
        report(size, taken)


def measure(kind: str, without_engine: bool, size: str, steps: int) -> float:
    """Start a server and a client; return seconds per round trip."""
    from sparring.rpc.grpc_environment import child_environment  # not before the children have their environment

    environment = child_environment(os.environ)
    if not without_engine:
        environment.pop("GRPC_EXPERIMENTS")
    core = str(max(os.sched_getaffinity(0)))
    command = ["taskset", "-c", core, sys.executable, "-m", __spec__.name, "--steps", str(steps), "--child"]
    with subprocess.Popen(
        [*command, "server", kind, size], stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        client = [*command, "client", kind, size, "--port", port]
        done = subprocess.run(client, capture_output=True, text=True, env=environment, timeout=TIMEOUT_S, check=True)
        server.kill()
    return float(done.stdout)


def report(size: str, taken: dict[str, list[float]]) -> None:
    """Print one table."""
    base = statistics.median(taken[BASE]) if BASE in taken else None
    print(f"\n{size}, {SIZES[size]} bytes each way\n{'candidate':<26}{'us':>9}{'min':>9}{'max':>9}{'ratio':>9}")
    for name, seconds in sorted(taken.items(), key=lambda item: statistics.median(item[1])):
        middle = statistics.median(seconds)
        ratio = f"{base / middle:9.2f}" if base else ""
        print(f"{name:<26}{middle * 1e6:9.1f}{min(seconds) * 1e6:9.1f}{max(seconds) * 1e6:9.1f}{ratio}")


def serve_steps(transport_name: str, own_threads: bool = False) -> None:
    """Echo, in the main thread unless told otherwise."""
    from sparring.rpc.step_stream import ServerStream, StepServer, transport

    def echo(stream: ServerStream) -> None:
        message = stream.receive()
        while message is not None:
            message = stream.answer_and_receive(message)

    chosen = transport.PLAIN if transport_name == "plain" else transport.core()
    server = StepServer({METHOD: echo}, transport=chosen)
    print(server.start() if own_threads else server.bind(), flush=True)
    stop = threading.Event()
    if own_threads:
        stop.wait()
    server.serve(stop)


def ask_steps(transport_name: str, port: int, message: bytes, steps: int) -> float:
    """Exchange with a deadline, as the controller does."""
    from sparring.rpc.step_stream import StepChannel, transport

    chosen = transport.PLAIN if transport_name == "plain" else transport.core()
    with StepChannel(f"127.0.0.1:{port}", transport=chosen) as channel, channel.open_stream(METHOD) as stream:
        for _ in range(WARM_UP):
            stream.exchange(message, TIMEOUT_S)
        begun = time.perf_counter()
        for _ in range(steps):
            stream.exchange(message, TIMEOUT_S)
        return (time.perf_counter() - begun) / steps


def serve_aio() -> None:
    """Echo with grpc.aio, bytes in and out."""
    import grpc

    async def echo(_: object, context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
        while (message := await context.read()) is not grpc.aio.EOF:
            await context.write(message)

    async def serve() -> None:
        server = grpc.aio.server(options=LIMITS)
        service, _, name = METHOD[1:].partition("/")
        handlers = {name: grpc.stream_stream_rpc_method_handler(echo)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        print(server.add_insecure_port("127.0.0.1:0"), flush=True)
        await server.start()
        await server.wait_for_termination()

    asyncio.run(serve())


def ask_aio(port: int, message: bytes, steps: int) -> float:
    """Exchange with grpc.aio, without deadlines."""
    import grpc

    async def ask() -> float:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=LIMITS) as channel:
            call = channel.stream_stream(METHOD)()
            begun = 0.0
            for step in range(WARM_UP + steps):
                if step == WARM_UP:
                    begun = time.perf_counter()
                await call.write(message)
                await call.read()
            return (time.perf_counter() - begun) / steps

    return asyncio.run(ask())


LIMITS: Final = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
SERVERS: Final[dict[str, Callable[[], None]]] = {
    "core": lambda: serve_steps("core"),
    "threads": lambda: serve_steps("core", own_threads=True),
    "plain": lambda: serve_steps("plain"),
    "aio": serve_aio,
}
CLIENTS: Final[dict[str, Callable[[int, bytes, int], float]]] = {
    "core": lambda *rest: ask_steps("core", *rest),
    "threads": lambda *rest: ask_steps("core", *rest),
    "plain": lambda *rest: ask_steps("plain", *rest),
    "aio": ask_aio,
}

if __name__ == "__main__":
    main()
