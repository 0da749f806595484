"""The two-area power system in C++ moves as its equations say, integrated here by another method."""

from __future__ import annotations

import queue
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1.environment_service_pb2_grpc import EnvironmentServiceStub
from sparring.api.space.v1 import session_pb2, values_pb2
from tests.e2e.languages.building import serving

State = NDArray[np.float64]  # angle, frequency 1 and 2, generation 1 and 2

STEPS, STEP_S, PARTS = 80, 0.25, 40
INERTIA_S, DAMPING, LINE, DROOP_HZ, TURBINE_S = (5.0, 4.0), 0.02, 0.2, 2.5, 0.5
TOLERANCE = 1e-6
# Dormand and Prince 1980, of order 5.
STAGES: Sequence[Sequence[float]] = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
)
WEIGHTS = (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84)


def change(state: State, surplus: State) -> State:
    """Return how the state changes, given what batteries give less what is demanded."""
    angle, first, second, *turbines = state
    flow = LINE * np.sin(angle)
    turn = [
        25.0 / INERTIA_S[area] * (turbines[area] + surplus[area] - DAMPING * frequency - (-1) ** area * flow)
        for area, frequency in enumerate((first, second))
    ]
    valves = [
        (-frequency / DROOP_HZ - turbine) / TURBINE_S for frequency, turbine in zip(state[1:3], turbines, strict=True)
    ]
    return np.array([2.0 * np.pi * (first - second), *turn, *valves])


def after_a_step(state: State, surplus: State) -> State:
    """Integrate over one step of the environment."""
    size = STEP_S / PARTS
    for _ in range(PARTS):
        slopes: list[State] = []
        for stage in STAGES:
            slopes.append(
                change(state + size * sum((w * k for w, k in zip(stage, slopes, strict=True)), np.zeros(5)), surplus)
            )
        state = state + size * sum((w * k for w, k in zip(WEIGHTS, slopes, strict=True)), np.zeros(5))
    return state


def played(address: str, powers: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Play one episode; return what was read, first to last: the state and the load of both areas."""
    requests: queue.SimpleQueue[pb.SessionRequest | None] = queue.SimpleQueue()
    version = session_pb2.ProtocolVersion(major=1)
    start = pb.Start(version=version, token=secrets.token_hex(16), episode_seeds=[seed], lanes=1)
    with grpc.insecure_channel(address) as channel:
        stub: Any = EnvironmentServiceStub(channel)
        answers: Iterator[pb.SessionResponse] = stub.Session(iter(requests.get, None), timeout=60)
        requests.put(pb.SessionRequest(sequence=1, start=start))
        rows = [next(answers).started.first.readings.data]
        for number, power in enumerate(powers, start=2):
            update = pb.Update(setpoints=values_pb2.Values(data=power.tobytes()))
            requests.put(pb.SessionRequest(sequence=number, update=update))
            rows.append(next(answers).updated.readings.data)
        requests.put(None)
    return np.array([np.frombuffer(row, np.float64) for row in rows])


def test_the_power_system_follows_its_equations_to_a_millionth(cpp: list[str]) -> None:
    powers = np.random.default_rng(7).uniform(-0.1, 0.1, (STEPS, 2))
    with serving(cpp) as address:
        read = played(address, powers, seed=3)
    expected = [read[0][:5]]
    for power, row in zip(powers, read[:-1], strict=True):
        expected.append(after_a_step(expected[-1], power - row[5:]))
    assert np.abs(read[:, :5] - expected).max() < TOLERANCE
    assert np.abs(read[:, 1:3]).max() > 0.05  # it did move
    assert len(set(read[:, 5])) == STEPS // 8 + 1  # and so did demand


def test_demand_comes_from_the_seed(cpp: list[str]) -> None:
    idle = np.zeros((16, 2))
    with serving(cpp) as address:
        first, again, other = (played(address, idle, seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[:, 5:], other[:, 5:])
