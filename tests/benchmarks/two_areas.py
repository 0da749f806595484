"""The two-area power system of examples/cpp in plain Python: the standard library only, for every server here."""

from __future__ import annotations

import math
import random

State = tuple[float, float, float, float, float]  # angle, frequency 1 and 2, generation 1 and 2

STEP_S = 0.25
LOAD, DAMPING, LINE, DROOP_HZ, TURBINE_S = 0.1, 0.02, 0.2, 2.5, 0.5
TURN = (5.0, 6.25)  # 50 Hz / (2 H), for inertias of 5 s and 4 s


class Grid:
    """One instance.

    Args:
        substeps: Runge-Kutta steps per step; 50 as in C++; 0 leaves the world as it is: only the way is measured.
    """

    def __init__(self, substeps: int) -> None:
        self._substeps = substeps

    def reset(self, seed: int) -> list[float]:
        """Begin an episode; return what is read."""
        self._random = random.Random(seed)
        self._state: State = (0.0, 0.0, 0.0, 0.0, 0.0)
        self._steps = 0
        self._draw()
        return [*self._state, *self._load]

    def step(self, first: float, second: float) -> tuple[list[float], float]:
        """Advance by one step; return what is read, and the reward."""
        power = (first - self._load[0], second - self._load[1])
        size = STEP_S / max(1, self._substeps)
        state = self._state
        for _ in range(self._substeps):
            a = change(state, power)
            b = change(ahead(state, a, size / 2), power)
            c = change(ahead(state, b, size / 2), power)
            d = change(ahead(state, c, size), power)
            mean = tuple(p + 2 * q + 2 * r + s for p, q, r, s in zip(a, b, c, d, strict=True))
            state = ahead(state, mean, size / 6)  # type: ignore[arg-type]
        self._state = state
        self._steps += 1
        if self._steps % 8 == 0:
            self._draw()
        off = (abs(state[1]) + abs(state[2])) / 2
        return [*state, *self._load], max(0.0, 1.0 - off / 0.5)

    def _draw(self) -> None:
        self._load = (self._random.uniform(-LOAD, LOAD), self._random.uniform(-LOAD, LOAD))


def ahead(state: State, slope: State, by_s: float) -> State:
    """Return where the state is a moment later."""
    a, b, c, d, e = state
    p, q, r, s, t = slope
    return a + by_s * p, b + by_s * q, c + by_s * r, d + by_s * s, e + by_s * t


def change(state: State, surplus: tuple[float, float]) -> State:
    """Return how the state changes per second."""
    angle, first, second, turbine, other = state
    flow = LINE * math.sin(angle)
    return (
        2.0 * math.pi * (first - second),
        TURN[0] * (turbine + surplus[0] - DAMPING * first - flow),
        TURN[1] * (other + surplus[1] - DAMPING * second + flow),
        (-first / DROOP_HZ - turbine) / TURBINE_S,
        (-second / DROOP_HZ - other) / TURBINE_S,
    )
