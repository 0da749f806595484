"""The two-area power system in Python as an environment of Sparring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparring.environment import ArrayEnvironment, ArrayStart, ArrayStep, Declaration
from sparring.types.space import Box
from tests.benchmarks.two_areas import Grid

_ANY = Box(-np.inf, np.inf, (), np.float64)


class TwoAreas(ArrayEnvironment):
    """Never ends.

    Args:
        substeps: See `Grid`.
    """

    sensors = tuple(
        Declaration(name, _ANY)
        for name in ("angle", "frequency_1", "frequency_2", "generation_1", "generation_2", "load_1", "load_2")
    )
    actuators = tuple(Declaration(name, Box(-0.1, 0.1, (), np.float64)) for name in ("power_1", "power_2"))
    rewards = (Declaration("stability", Box(0.0, 1.0, (), np.float64)),)
    tick_ns = 1_000_000

    def __init__(self, substeps: int) -> None:
        super().__init__()
        self._grid = Grid(substeps)

    def reset(self, seed: int) -> ArrayStart:
        """Begin an episode."""
        self._ticks = 0
        return ArrayStart(self._grid.reset(seed), simtime=0)

    def step(self, setpoints: Sequence[Any]) -> ArrayStep:
        """Advance by a quarter of a second."""
        self._ticks += 250
        first, second = (0.0 if given is None else float(given) for given in setpoints)
        read, stability = self._grid.step(first, second)
        return ArrayStep(read, [stability], False, False, self._ticks)
