"""A session's round trip against palaestrAI's broker: an environment's update with 4 and with 1,000 sensors.

Ours: a session granted by the broker, with an environment in a slot of its host; it ends where the simulation
controller has the readings, which passes them on as they are. Theirs: their client, broker and worker classes as
installed from their package by `make bench-peers`. Neither world does anything but give readings that were made before.
All on one core.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.benchmarks.broker import environment
from tests.benchmarks.measure import Measure, interleaved, pinned, ratio

ROOT: Final = Path(__file__).parents[2]
PEERS: Final = ROOT / "build" / "peers" / "bin" / "python"
WORLDS: Final = "tests.benchmarks.sessions_worlds"
KINDS: Final = ("Arrays", "Objects")
GOALS: Final = {4: ">= 8", 1000: ">= 60"}
THEIRS: Final = {4: 200, 1000: 20}
"""Round trips of one measurement of palaestrAI, by sensors."""
OURS: Final = {4: 3000, 1000: 300}
WARM_UP: Final = 50
MOST_ROUNDS: Final = 3
TIMEOUT_S: Final = 120.0


def measures(rounds: int) -> Iterator[Measure]:
    """Measure round trips; without palaestrAI only ours."""
    rounds = min(rounds, MOST_ROUNDS)
    there = PEERS.exists()
    if not there:
        print("palaestrai is not installed in build/peers: run `make bench-peers` to compare sessions with it.")
    with pinned(), contextlib.ExitStack() as stack:
        broker = _deployed(stack)
        for sensors, goal in GOALS.items():
            candidates = {kind: lambda kind=kind, sensors=sensors: _ours(broker, kind, sensors) for kind in KINDS}  # type: ignore[misc]
            if there:
                candidates["palaestrai"] = lambda sensors=sensors: _theirs(sensors)  # type: ignore[misc]
            taken = interleaved(candidates, rounds)
            for name, rates in taken.items():
                yield Measure(
                    f"round trips, {sensors} sensors, {name}", statistics.median(rates), "1/s", "", "", rounds
                )
            for kind in KINDS if there else ():
                goal_of = goal if kind == KINDS[0] else ""
                value = ratio(taken, kind, "palaestrai")
                yield Measure(
                    f"session, {sensors} sensors, {kind}", value, "ratio", goal_of, "palaestrAI's broker", rounds
                )


def _deployed(stack: contextlib.ExitStack) -> str:
    """Start a broker and an environment host; return the broker's address when the host is registered."""
    broker = _served(stack, "sparring.broker", SPARRING_BROKER_ADDRESS="127.0.0.1:0")
    _served(
        stack,
        "sparring.environment.server",
        SPARRING_ENVIRONMENT_ADDRESS="127.0.0.1:0",
        SPARRING_ENVIRONMENT_SLOTS="1",
        SPARRING_PLUGINS=WORLDS,
        SPARRING_BROKER=broker,
    )
    return broker


def _served(stack: contextlib.ExitStack, module: str, **variables: str) -> str:
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(), **variables, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "services")))},
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert process.stderr is not None
    stack.callback(process.stderr.close)
    line = ""
    while "serves at " not in line:
        line = process.stderr.readline()
        assert line, f"{module} did not start"
    return line.partition("serves at ")[2].split(",")[0].strip()


def _ours(broker: str, kind: str, sensors: int) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.sessions", "--ask", broker, kind, str(sensors)]
    return _rate(command, env=environment())


def _theirs(sensors: int) -> float:
    script = str(Path(__file__).with_name("palaestrai_broker.py"))
    return _rate([str(PEERS), "-W", "ignore", script, str(sensors), str(THEIRS[sensors])])


def _rate(command: list[str], **options: Any) -> float:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, timeout=TIMEOUT_S, check=True, **options
    )
    return 1 / float(done.stdout.splitlines()[-1])


def ask(broker: str, kind: str, sensors: int) -> float:
    """Hold a session; return the seconds of one round trip."""
    from sparring.client.broker_client import BrokerClient, SlotWish
    from sparring.client.stream_session import open_environment
    from sparring.rpc.channels import open_channel
    from sparring.types.declaration import Component, Timeouts
    from sparring.types.frames import EnvironmentStarted, Origin, Shutdown, StartEnvironment, Update, Updated
    from sparring.types.layout import Layout

    async def grant() -> Any:
        async with open_channel(broker) as channel:
            wish = {"one": SlotWish("environment", f"{WORLDS}:{kind}")}
            return (await BrokerClient(channel).acquire(wish, client_id="bench", run="bench", wait_s=TIMEOUT_S))["one"]

    granted = asyncio.run(grant())
    session = open_environment(granted, "world")
    component = Component(f"{WORLDS}:{kind}", {"sensors": sensors})
    session.send(
        StartEnvironment(
            component,
            "world",
            session_seed=1,
            episode_seeds=(2,),
            token=granted.token,
            timeouts=Timeouts(),
            origin=Origin("bench"),
        )
    )
    started = session.receive(TIMEOUT_S)
    assert isinstance(started, EnvironmentStarted)
    setpoints, readings = (
        Layout([each.space for each in declared]) for declared in (started.actuators, started.sensors)
    )
    push = np.array(0.5, np.float32)
    begun = 0.0
    for number in range(WARM_UP + OURS[sensors]):
        if number == WARM_UP:
            begun = time.perf_counter()
        session.send(Update(setpoints.pack([push])))
        updated = session.receive(TIMEOUT_S)
        assert isinstance(updated, Updated)
        assert len(updated.readings.data) == readings.size
    taken_s = (time.perf_counter() - begun) / OURS[sensors]
    session.send(Shutdown())
    session.receive(TIMEOUT_S)
    session.close()
    return taken_s


def main() -> None:
    """Be the client."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ask", nargs=3, required=True)
    broker, kind, sensors = parser.parse_args().ask
    print(ask(broker, kind, int(sensors)))


if __name__ == "__main__":
    main()
