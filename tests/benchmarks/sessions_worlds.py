"""Worlds of any number of sensors for the benchmark of sessions: as objects, and as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparring.environment import ArrayEnvironment, Environment, EnvironmentBaseline, EnvironmentState
from sparring.types.declaration import Declaration
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.space import Box


def space() -> Box:
    """Return a space of its own for each sensor."""
    return Box(-1.0, 1.0, (), np.float32)


class Objects(Environment):
    """Gives one object per sensor, made before, as in palaestrAI's messages."""

    def __init__(self, uid: str = "", broker_uri: str = "", seed: int = 0, sensors: int = 4) -> None:
        super().__init__(uid, broker_uri, seed)
        self._readings = [SensorInformation(np.float32(0.5), space(), str(number)) for number in range(sensors)]
        self._reward = RewardInformation(np.float32(0.5), space(), "reward")

    def start_environment(self) -> EnvironmentBaseline:
        """Begin."""
        return EnvironmentBaseline(self._readings, [ActuatorInformation(space=space(), uid="push")])

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Do nothing."""
        return EnvironmentState(sensor_information=self._readings, rewards=[self._reward], done=False)


class Arrays(ArrayEnvironment):
    """Gives values by their place."""

    def __init__(self, uid: str = "", broker_uri: str = "", seed: int = 0, sensors: int = 4) -> None:
        super().__init__(uid, broker_uri, seed)
        self.sensors = tuple(Declaration(str(number), space()) for number in range(sensors))
        self.actuators = (Declaration("push", space()),)
        self.rewards = (Declaration("reward", space()),)
        self._readings = [np.array(0.5, np.float32) for _ in range(sensors)]  # the fastest form of a Box

    def reset(self, seed: int) -> Sequence[Any]:
        """Begin."""
        return self._readings

    def step(self, setpoints: Sequence[Any]) -> tuple[Any, ...]:
        """Do nothing."""
        return self._readings, self._readings[:1], False, False
