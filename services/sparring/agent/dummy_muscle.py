"""DummyMuscle: acts at random, or counts; for tests and first steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gymnasium.spaces import Discrete

from sparring.agent.random_muscle import RandomMuscle


class DummyMuscle(RandomMuscle):
    """Draws every setpoint at random, and tells its brain how often it has acted in this episode.

    Args:
        count_upwards: Discrete actuators are set to 0, 1, 2, ... from their start, over and over, instead.
    """

    def __init__(self, count_upwards: bool = False) -> None:
        super().__init__()
        self.count_upwards = count_upwards
        self.iter = 0

    def reset(self) -> None:
        """Count from the beginning."""
        self.iter = 0

    def act(self, readings: Sequence[Any]) -> tuple[list[Any], Any]:
        """Draw or count."""
        values: list[Any] = list(self._sampler.draw(self.rng))
        if self.count_upwards:
            for place, actuator in enumerate(self.actuators):
                if isinstance(actuator.space, Discrete):
                    values[place] = int(actuator.space.start) + self.iter % int(actuator.space.n)
        self.iter += 1
        return values, self.iter
