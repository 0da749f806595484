"""RandomMuscle: does anything that its actuators allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparring.agent.array_muscle import ArrayMuscle
from sparring.agent.sampling import Sampler


class RandomMuscle(ArrayMuscle):
    """Draws every setpoint from its actuator's space, by `self.rng`."""

    def setup(self) -> None:
        """Prepare the draw."""
        self._sampler = Sampler([actuator.space for actuator in self.actuators])

    def act(self, readings: Sequence[Any]) -> list[Any] | tuple[list[Any], Any]:
        """Draw."""
        return self._sampler.draw(self.rng)
