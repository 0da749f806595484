"""Calls through the broker against bare grpc.aio and against the same server called directly, side by side.

Broker, worker (a server with its connector), bare server, idle workers and the client are processes of their own. The
client measures each way in turn, with 1, 16 and 64 callers at once; all on one core, so that what counts is work.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

from tests.benchmarks.measure import Measure, pinned, ratio

METHOD: Final = "/test.Echo/Say"
SERVICE: Final = "echo"
BODY: Final = bytes(100)
CALLERS: Final = {1: 300, 16: 1200, 64: 1600}
"""Calls of one measurement, by how many callers there are at once."""
WAYS: Final = ("bare", "direct", "broker")
ALIKE: Final = ("calm", "crowded")
"""Two more brokers, the second with idle workers."""
AGAIN: Final = 3
"""So often in each round: a small difference is looked for."""
IDLE: Final = 1000
IDLE_SERVICES: Final = 100
IDLE_CONNECTIONS: Final = 8
MOST_ROUNDS: Final = 3
TIMEOUT_S: Final = 900.0
_PYTHON: Final = (sys.executable, "-m", "tests.benchmarks.broker")


def measures(rounds: int) -> Iterator[Measure]:
    """Measure calls by each way, then what idle workers cost."""
    rounds = min(rounds, MOST_ROUNDS)
    with pinned(), contextlib.ExitStack() as stack:
        broker, bare = started(stack, _PYTHON, "broker"), started(stack, _PYTHON, "bare")
        places = {"bare": bare, "direct": started(stack, _PYTHON, "worker", broker), "broker": broker}
        for way in ALIKE:
            places[way] = started(stack, _PYTHON, "broker")
            started(stack, _PYTHON, "worker", places[way])
        started(stack, _PYTHON, "idle", places["crowded"])
        command = [*_PYTHON, "--child", "client", json.dumps(places), str(rounds)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, env=environment(), check=True, timeout=TIMEOUT_S
        )
    taken = json.loads(done.stdout)
    for callers in CALLERS:
        yield from _calls(taken, callers, rounds)
    yield Measure(
        f"p50 of a call, {IDLE} idle workers registered",
        ratio(taken, "1 crowded p50", "1 calm p50"),
        "ratio",
        "<= 1.1",
        "none registered",
        rounds,
    )


def _calls(taken: dict[str, list[float]], callers: int, rounds: int) -> Iterator[Measure]:
    for way in WAYS:
        middle = {what: statistics.median(taken[f"{callers} {way} {what}"]) for what in ("rate", "p50", "p99")}
        name = f"calls, {callers} at once, {way}"
        yield Measure(name, middle["rate"], "1/s", "", "", rounds)
        yield Measure(f"{name}, p50", middle["p50"] * 1e3, "ms", "", "", rounds)
        yield Measure(f"{name}, p99", middle["p99"] * 1e3, "ms", "", "", rounds)
    for peer in ("bare", "direct"):
        value = ratio(taken, f"{callers} broker rate", f"{callers} {peer} rate")
        yield Measure(f"calls, {callers} at once, broker", value, "ratio", "", peer, rounds)


def started(stack: contextlib.ExitStack, command: tuple[str, ...], *role: str) -> str:
    """Start a process that ends with the stack; return what it says first."""
    process = subprocess.Popen([*command, "--child", *role], stdout=subprocess.PIPE, text=True, env=environment())
    stack.callback(process.wait)
    stack.callback(process.kill)
    assert process.stdout is not None
    stack.callback(process.stdout.close)
    return process.stdout.readline().strip()


def environment() -> dict[str, str]:
    """Return the environment of the processes."""
    from sparring.rpc.grpc_environment import child_environment  # not before the children have their environment

    return dict(child_environment(os.environ))


async def serve_broker() -> None:
    """Be a broker."""
    from sparring.broker.serving import running_broker
    from sparring.broker.settings import BrokerSettings

    async with running_broker(BrokerSettings(address="127.0.0.1:0")) as server:
        print(server.address, flush=True)
        await asyncio.Event().wait()


def _handler() -> Any:
    import grpc

    async def say(request: bytes, context: object) -> bytes:
        return request

    service, _, name = METHOD[1:].partition("/")
    return grpc.method_handlers_generic_handler(service, {name: grpc.unary_unary_rpc_method_handler(say)})


async def serve_bare() -> None:
    """Be a server of grpc.aio alone."""
    import grpc

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_handler(),))
    print(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", flush=True)
    await server.start()
    await server.wait_for_termination()


async def serve_worker(broker: str) -> None:
    """Be a service beside its connector; say where it is reached directly."""
    from sparring.client.connector import registered
    from sparring.rpc.mounts import mount_handler
    from sparring.rpc.server import running

    async with (
        running("127.0.0.1:0", [mount_handler(_handler())], name="echo") as server,
        registered(broker=broker, service=SERVICE, target=str(server.address), calls=256) as connector,
    ):
        await connector.wait_registered()
        print(server.address, flush=True)
        await asyncio.Event().wait()


async def be_idle(broker: str) -> None:
    """Be a thousand workers of a hundred services that do nothing but beat."""
    import grpc

    from sparring.api.broker.v1 import broker_service_pb2 as pb
    from sparring.api.broker.v1 import broker_service_pb2_grpc
    from sparring.codec.version import encode_version

    with contextlib.suppress(OSError):  # the work of idle workers is not the broker's: not on its core
        os.sched_setaffinity(0, set(range(os.cpu_count() or 1)) - os.sched_getaffinity(0))
    options = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.aio.insecure_channel(broker, options=options) for _ in range(IDLE_CONNECTIONS)]

    async def idle(number: int, welcomed: asyncio.Event) -> None:
        stub: Any = broker_service_pb2_grpc.BrokerServiceStub(channels[number % IDLE_CONNECTIONS])
        stream = stub.Work()
        ready = pb.Ready(
            version=encode_version(),
            worker_id=f"idle-{number}",
            incarnation=1,
            service=f"idle-{number % IDLE_SERVICES}",
            calls=1,
        )
        await stream.write(pb.WorkRequest(ready=ready))
        interval_s = (await stream.read()).welcome.rates.heartbeat_interval.ToNanoseconds() / 1e9
        welcomed.set()
        await asyncio.sleep(interval_s * number / IDLE)  # as they come: not all in the same moment
        while True:
            await stream.write(pb.WorkRequest(heartbeat=pb.Heartbeat()))
            await asyncio.sleep(interval_s)

    async with asyncio.TaskGroup() as group:
        welcomes = [asyncio.Event() for _ in range(IDLE)]
        for number, welcomed in enumerate(welcomes):
            group.create_task(idle(number, welcomed))
        for welcomed in welcomes:
            await welcomed.wait()
        print("ready", flush=True)


async def ask(places: dict[str, str], rounds: int) -> None:
    """Measure every way in turn; print all that was taken, by name."""
    import grpc

    taken: dict[str, list[float]] = {}
    async with contextlib.AsyncExitStack() as opened:
        calls: dict[str, Any] = {}
        for way, address in places.items():
            channel = await opened.enter_async_context(grpc.aio.insecure_channel(address))
            calls[way] = channel.unary_unary(METHOD)
        todo = [(callers, way) for callers in CALLERS for way in WAYS] + [(1, way) for way in ALIKE] * AGAIN
        shuffled = random.Random(1)
        for _ in range(rounds + 1):
            for callers, way in shuffled.sample(todo, len(todo)):
                metadata = (("sparring-service", SERVICE),) if way in ("broker", *ALIKE) else ()
                for what, value in (await _measured(calls[way], metadata, callers)).items():
                    taken.setdefault(f"{callers} {way} {what}", []).append(value)
    print(json.dumps({name: values[1:] for name, values in taken.items()}))  # the first round warmed up


async def _measured(call: Any, metadata: tuple[tuple[str, str], ...], callers: int) -> dict[str, float]:
    count = CALLERS[callers]
    numbers, latencies = iter(range(count)), list[float]()

    async def caller() -> None:
        for _ in numbers:
            begun = time.perf_counter()
            await call(BODY, metadata=metadata, timeout=TIMEOUT_S)
            latencies.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    taken_s = time.perf_counter() - begun
    cuts = statistics.quantiles(latencies, n=100)
    return {"rate": count / taken_s, "p50": cuts[49], "p99": cuts[98]}


def main() -> None:
    """Be one of the processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--child", nargs="+", required=True)
    role, *rest = parser.parse_args().child
    roles: dict[str, Any] = {
        "broker": serve_broker,
        "bare": serve_bare,
        "worker": serve_worker,
        "idle": be_idle,
        "client": lambda places, rounds: ask(json.loads(places), int(rounds)),
    }
    asyncio.run(roles[role](*rest))


if __name__ == "__main__":
    main()
