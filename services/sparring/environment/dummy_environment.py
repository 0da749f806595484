"""DummyEnvironment: ten sensors and ten actuators without meaning, for tests and first steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparring.environment.environment import Environment
from sparring.environment.environment_baseline import EnvironmentBaseline
from sparring.environment.environment_state import EnvironmentState
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.space import Box, Discrete, Space
from sparring.types.time import SimTime

_COUNT = 10


class DummyEnvironment(Environment):
    """A world that does not care what is done to it.

    Sensors "0" to "9" show chance; "Dummy Reward" is the number of the update modulo `max_iter`. Terminates after
    `max_iter` updates.

    Args:
        uid, broker_uri, seed: As in Environment.
        discrete: Sensors and actuators are Discrete, otherwise Box.
        max_iter: Updates in an episode.
    """

    def __init__(
        self, uid: str = "", broker_uri: str = "", seed: int = 0, discrete: bool = True, max_iter: int = 10
    ) -> None:
        super().__init__(uid, broker_uri, seed)
        if max_iter < 1:
            raise ValueError(f"max_iter is the number of updates in an episode, at least 1, not {max_iter}")
        self.discrete = discrete
        self.max_iter = max_iter
        self.iter = 0
        self._sensor_space: Space[Any] = Discrete(max_iter + 1) if discrete else Box(0.0, 2.0, shape=())
        self._actuator_space: Space[Any] = Discrete(100) if discrete else Box(0.0, 10.0, shape=())
        self._reward_space = Discrete(max_iter + 1)

    def start_environment(self) -> EnvironmentBaseline:
        """Begin to count anew."""
        self.iter = 0
        return EnvironmentBaseline(
            sensors_available=self._readings(),
            actuators_available=[
                ActuatorInformation(space=self._actuator_space, uid=str(number)) for number in range(_COUNT)
            ],
            simtime=SimTime(simtime_ticks=0),
            rewards_available=[RewardInformation(space=self._reward_space, uid="Dummy Reward")],
        )

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Count one further."""
        self.iter += 1
        reward = RewardInformation(self.iter % self.max_iter, self._reward_space, "Dummy Reward", check=False)
        return EnvironmentState(self._readings(), [reward], self.iter >= self.max_iter)

    def _readings(self) -> list[SensorInformation]:
        # Not checked here: the session checks all readings of a step at once.
        values: Sequence[Any]
        if self.discrete:
            values = self.rng.integers(0, self.max_iter + 1, _COUNT).tolist()
        else:
            drawn = self.rng.uniform(0.0, 2.0, _COUNT).astype(np.float32)
            values = [drawn[number, ...] for number in range(_COUNT)]
        return [
            SensorInformation(value, self._sensor_space, str(number), check=False)
            for number, value in enumerate(values)
        ]
