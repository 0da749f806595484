"""Environments registered with gymnasium for the tests of the bridge: nested spaces, ends, values outside bounds."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Text, Tuple

NESTED = Dict(
    {
        "arm": Dict({"joint": Box(-1, 1, (2,), np.float32), "on": MultiBinary(2)}),
        "mode": Discrete(4, start=-1),
        "pair": Tuple((MultiDiscrete([2, 3]), Text(max_length=5))),
    }
)


class Echo(gymnasium.Env[Any, Any]):
    """Shows samples of its space, and keeps the actions it was given.

    Args:
        action: The action space.
        length: Steps of an episode.
        end: What the last step says: terminated, truncated.
        outside: Reading of `arm.joint` in every step after the reset, if given.
    """

    def __init__(
        self, action: Any = None, length: int = 3, end: tuple[bool, bool] = (True, False), outside: Any = None
    ) -> None:
        self.observation_space = NESTED
        self.action_space = NESTED if action is None else action
        self.length = length
        self.end = end
        self.outside = outside
        self.actions: list[Any] = []
        self.closed = False

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.steps = 0
        return self._observation(), {}

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        self.actions.append(action)
        self.steps += 1
        over = self.steps >= self.length
        observation = self._observation()
        if self.outside is not None:
            observation["arm"]["joint"] = np.array(self.outside, np.float32)
        return observation, self.steps, over and self.end[0], over and self.end[1], {}

    def close(self) -> None:
        self.closed = True

    def _observation(self) -> Any:
        draw = self.np_random
        return {
            "arm": {"joint": draw.uniform(-1, 1, 2).astype(np.float32), "on": np.array([1, 0], np.int8)},
            "mode": int(draw.integers(-1, 3)),
            "pair": (np.array([1, 2]), f"s{self.steps}"),
        }


ECHO = "sparring-test/Echo-v0"
gymnasium.register(ECHO, entry_point="tests.unit.bridges.worlds:Echo")
