"""What gymnasium hears of an episode: observation, reward, info."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sparring.gym.fields import Fields
from sparring.gym.seats import Moved
from sparring.types.declaration import Declaration
from sparring.types.free_value import from_free_value

SEEDS: Final = 2**31
"""Seeds of episodes are below."""


class Reporter:
    """Of one episode after the other.

    Args:
        sensors: As fields.
        rewards: Those that are declared from the beginning.
    """

    def __init__(self, sensors: Fields, rewards: tuple[Declaration, ...]) -> None:
        self._sensors = sensors
        self._alone = rewards[0].uid if len(rewards) == 1 else ""
        self._last = sensors.resting()

    def begin(self) -> None:
        """Forget the episode before."""
        self._last = self._sensors.resting()

    def observation(self, moved: Moved) -> tuple[Any, dict[str, Any]]:
        """Return observation and info."""
        self._last, absent = self._sensors.filled(moved.readings, self._last)
        info: dict[str, Any] = {}
        if absent:
            info["absent"] = absent
        if moved.ticks is not None:
            info["ticks"] = moved.ticks
        if moved.timestamp_ns is not None:
            info["timestamp_ns"] = moved.timestamp_ns
        if moved.world_state is not None:
            info["world_state"] = from_free_value(moved.world_state)
        if len(moved.rewards) > 1 or (moved.rewards and self._alone not in moved.rewards):
            info["rewards"] = dict(moved.rewards)
        return self._sensors.unpack(self._last), info


def total(moved: Moved) -> float:
    """Return the reward: the only one, or the sum of all."""
    return float(sum(np.sum(value) for value in moved.rewards.values()))


def episode_seed(given: int | None, generator: np.random.Generator) -> int:
    """Return the seed of an episode: as given, or else drawn."""
    return int(generator.integers(SEEDS)) if given is None else given % SEEDS
