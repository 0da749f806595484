"""Filters that show how far readings are from 1, as power grids are watched per unit."""

from __future__ import annotations

import numpy as np
from gymnasium.spaces import Box

from sparring.agent.filter import Actuators, Filter, Sensors
from sparring.agent.filters.number_spaces import Numbers, Spaces, box, numbers, sensor


class AbsoluteDeviationFilter(Filter):
    """Shows |1 - value| of every sensor, under the same uid."""

    def __init__(self) -> None:
        self._spaces = Spaces(self._space)

    def muscle_pre_process(self, sensors: Sensors, actuators_available: Actuators) -> tuple[Sensors, Actuators]:
        """Replace all readings."""
        changed = [sensor(self._deviation(numbers(each.value)), self._spaces.of(each), each.uid) for each in sensors]
        return changed, actuators_available

    @staticmethod
    def _deviation(values: Numbers) -> Numbers:
        return np.abs(1 - values)

    def _space(self, low: Numbers, high: Numbers) -> Box:
        with np.errstate(over="ignore"):
            ends = self._deviation(low), self._deviation(high)
        inside = (low <= 1) & (high >= 1)
        return box(np.where(inside, 0.0, np.minimum(*ends)), np.maximum(*ends))


class QuadraticPenaltyFilter(AbsoluteDeviationFilter):
    """Shows (1 - value) squared of every sensor, under the same uid."""

    @staticmethod
    def _deviation(values: Numbers) -> Numbers:
        return (1 - values) ** 2
