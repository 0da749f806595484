"""GymnasiumEnvironment: any environment that is registered with gymnasium."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box

from sparring.bridges.space_parts import Clip, SpaceParts, nearest_to_zero
from sparring.environment import ArrayEnvironment, ArrayStep, Declaration
from sparring.types.space import parse_space

REWARD = "gym.reward"
"""Name of the reward, as palaestrAI calls it."""

_log = logging.getLogger(__name__)


class GymnasiumEnvironment(ArrayEnvironment):
    """An environment of gymnasium, made by `gymnasium.make`.

    ```yaml
    environment:
      name: sparring.bridges.gymnasium:GymnasiumEnvironment
      uid: cart
      params: {env_name: CartPole-v1, split_sensors: true, sensor_names: [position, speed, angle, turning]}
    ```

    Sensors and actuators are the observation and the action: one of each, named `0`, or one per member of a Dict or
    Tuple, named by keys and positions (`SpaceParts`). The reward is `gym.reward`. Every episode begins with
    `reset(seed=...)` of gymnasium, so that it depends on its own seed only. `terminated` and `truncated` stay apart: an
    episode that reaches its time limit in the very step in which its task ends is terminated.

    A setpoint that nobody gives stays what it was in the step before; until it was first given it is the value of its
    space that is nearest to zero.

    Args:
        env_name: The registered name; `module:Name-v0` imports the module that registers it first.
        conversion: For palaestrAI's documents; without effect, since every kind of space is carried as it is.
        reward_space: Space of the reward, as text; by default any number.
        split_sensors: Make every element of an observation a sensor of its own, named by its position.
        split_actuators: Make every element of an action an actuator of its own.
        sensor_names: Names of the sensors instead, in order.
        actuator_names: Names of the actuators instead.
        clip_observations: Move numbers that are outside of the bounds that the environment itself declares to the
            nearest bound; many environments leave them in their last step. False: that is an error.
        keep_info: Record what a step says besides (`info`) as the world's state: numbers, texts, arrays, also nested.
        gym_kwargs: What else `gymnasium.make` takes: `max_episode_steps`, and parameters of the environment itself.

    Raises:
        InvalidArgumentError: SPACE_UNKNOWN, SPACE_KEY_INVALID, SPACE_TEXT_INVALID, PARAMETERS_INVALID.
        gymnasium.error.Error: There is no such environment, or it cannot be made.
    """

    def __init__(
        self,
        env_name: str,
        conversion: Mapping[str, Any] | None = None,
        reward_space: str | None = None,
        split_sensors: bool = False,
        split_actuators: bool = False,
        sensor_names: Sequence[str] | None = None,
        actuator_names: Sequence[str] | None = None,
        clip_observations: bool = True,
        keep_info: bool = False,
        uid: str = "",
        broker_uri: str = "",
        seed: int = 0,
        **gym_kwargs: Any,
    ) -> None:
        super().__init__(uid, broker_uri, seed)
        if conversion:
            _log.warning("%s: 'conversion' has no effect; spaces are carried as they are", env_name)
        # The checker would look at every step, and so do we.
        self._env: gymnasium.Env[Any, Any] = gymnasium.make(env_name, **{"disable_env_checker": True, **gym_kwargs})
        self._observation = SpaceParts(self._env.observation_space, split_sensors, sensor_names)
        self._action = SpaceParts(self._env.action_space, split_actuators, actuator_names)
        self.sensors = self._observation.declarations
        self.actuators = self._action.declarations
        space = parse_space(reward_space) if reward_space else Box(-np.inf, np.inf, (), np.float64)
        self.rewards = (Declaration(REWARD, space),)
        self._clips = [Clip(sensor.space) for sensor in self.sensors] if clip_observations else []
        self._keep_info = keep_info
        self._resting = [nearest_to_zero(actuator.space) for actuator in self.actuators]
        self._held: list[Any] = list(self._resting)

    def reset(self, seed: int) -> list[Any]:
        """Begin an episode."""
        self._held = list(self._resting)
        observation, _ = self._env.reset(seed=seed)
        return self._readings(observation)

    def step(self, setpoints: Sequence[Any]) -> ArrayStep:
        """Hand the action on."""
        self._held = [held if one is None else one for one, held in zip(setpoints, self._held, strict=True)]
        observation, reward, terminated, truncated, info = self._env.step(self._action.put_together(self._held))
        ended = bool(terminated)
        return ArrayStep(
            self._readings(observation),
            [self._reward(reward)],
            ended,
            bool(truncated) and not ended,
            world_state=info if self._keep_info else None,
        )

    def shutdown(self) -> None:
        """Close it."""
        self._env.close()

    def _readings(self, observation: Any) -> list[Any]:
        readings = self._observation.take_apart(observation)
        if not self._clips:
            return readings
        return [clip(reading) for clip, reading in zip(self._clips, readings, strict=True)]

    def _reward(self, reward: Any) -> Any:
        space = self.rewards[0].space
        if not isinstance(space, Box):
            return int(reward) if space.shape == () else reward
        numbers = np.asarray(reward, space.dtype)
        return numbers.reshape(space.shape) if numbers.shape != space.shape and numbers.size == 1 else numbers
