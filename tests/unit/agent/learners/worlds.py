"""Small worlds to learn in: what is right can be read, and is rewarded at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparring.environment import ArrayEnvironment, ArrayStep, Declaration
from sparring.types.space import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Tuple

KINDS: dict[str, Any] = {
    "discrete": Discrete(3, start=-1),
    "box": Box(-2.0, 3.0, (2,), np.float32),
    "whole": Box(0, 200, (), np.int16),
    "multi": MultiDiscrete([2, 3], start=[1, -1]),
    "binary": MultiBinary(2),
    "nested": Dict({"gear": Discrete(2), "push": Tuple((Box(-1, 1, (1,), np.float64), Discrete(2)))}),
}


class Cue(ArrayEnvironment):
    """Shows which numbers it wants to be set: low (-1) or high (1), one cue per number; a point for each that is right.

    Args:
        kind: Of the actuator, a key of `KINDS`.
        length: Steps of an episode.
        cut: The last step truncates; otherwise it terminates.
    """

    def __init__(self, kind: str = "discrete", length: int = 16, cut: bool = True) -> None:
        super().__init__()
        space = KINDS[kind]
        self.length = length
        self.cut = cut
        low, high = (np.array(bound, np.float64) for bound in bounds(space))
        self.middle = (low + high) / 2
        self.sensors = (
            Declaration("cue", Box(-1, 1, (low.size,), np.float32)),
            Declaration("step", Discrete(length + 1)),
        )
        self.actuators = (Declaration("answer", space),)
        self.rewards = (Declaration("right", Box(0, low.size, (), np.float64)),)

    def reset(self, seed: int) -> list[Any]:
        self.steps = 0
        return self._readings()

    def step(self, setpoints: Sequence[Any]) -> ArrayStep:
        answer = np.array(flat(setpoints[0]), np.float64)
        right = float(((answer > self.middle) == (self.cue > 0)).sum())
        self.steps += 1
        over = self.steps == self.length
        return ArrayStep(self._readings(), [right], over and not self.cut, over and self.cut)

    def _readings(self) -> list[Any]:
        self.cue = self.rng.choice([-1.0, 1.0], self.middle.size).astype(np.float32)
        return [self.cue, self.steps]


def bounds(space: Any) -> tuple[list[float], list[float]]:
    """Return the lowest and highest of all numbers of a space."""
    if isinstance(space, Dict | Tuple):
        inner = space.spaces.values() if isinstance(space, Dict) else space.spaces
        pairs = [bounds(each) for each in inner]
        return [low for lows, _ in pairs for low in lows], [high for _, highs in pairs for high in highs]
    if isinstance(space, Discrete):
        return [float(space.start)], [float(space.start + space.n - 1)]
    if isinstance(space, MultiDiscrete):
        return np.ravel(space.start).tolist(), np.ravel(space.start + space.nvec - 1).tolist()
    if isinstance(space, MultiBinary):
        return [0.0] * space.shape[0], [1.0] * space.shape[0]
    return np.ravel(space.low).tolist(), np.ravel(space.high).tolist()


def flat(value: Any) -> list[float]:
    """Return all numbers of a value."""
    if isinstance(value, dict):
        return [number for each in value.values() for number in flat(each)]
    if isinstance(value, tuple):
        return [number for each in value for number in flat(each)]
    numbers: list[float] = np.ravel(value).tolist()
    return numbers
