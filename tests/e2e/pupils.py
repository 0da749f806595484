"""Author code of the learning tests, put beside their documents: a world of cues, a brain with a diary, objectives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sparring.agent import ArrayMuscle, Brain, Memory, Objective
from sparring.environment import ArrayEnvironment, ArrayStep, Declaration
from sparring.types.space import Box, Discrete


class Cues(ArrayEnvironment):
    """Shows -1 or 1 and rewards the answer 0 or 1; episodes end by chance after 4 to 9 steps, or after `length`."""

    sensors = (Declaration("cue", Box(-1.0, 1.0, (1,), np.float32)), Declaration("step", Discrete(100)))
    actuators = (Declaration("answer", Discrete(2)), Declaration("number", Box(0.0, 1e6, (), np.float64)))
    rewards = (Declaration("right", Box(0.0, 1.0, (), np.float64)),)

    def __init__(self, length: int = 0) -> None:
        super().__init__()
        self._length = length

    def reset(self, seed: int) -> list[Any]:
        self._steps = 0
        self._last = self._length or int(self.rng.integers(4, 10))
        self._cut = bool(self.rng.integers(2))
        return self._readings()

    def step(self, setpoints: Sequence[Any]) -> ArrayStep:
        right = float(setpoints[0] is not None and (self._cue[0] > 0) == (setpoints[0] == 1))
        self._steps += 1
        over = self._steps == self._last
        return ArrayStep(self._readings(), [right], over and not self._cut, over and self._cut)

    def _readings(self) -> list[Any]:
        self._cue = self.rng.choice([-1.0, 1.0], 1).astype(np.float32)
        return [self._cue, self._steps]


class Diarist(Brain):
    """Writes down everything that `thinking` is given. Its policy says how much it was given so far, in training.

    Args:
        diary: The file, a line of JSON per step.
    """

    def __init__(self, diary: str) -> None:
        super().__init__()
        self._file = Path(diary)
        self._given = 0

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        shard = self.memory.tail(1)
        entry = {
            "mode": self.mode.value,
            "muscle": muscle_id,
            "readings": [shard.reading(each.uid)[0].tolist() for each in self.sensors],
            "setpoints": [shard.setpoint(each.uid)[0].tolist() for each in self.actuators],
            "rewards": {uid: np.asarray(value).tolist() for uid, value in shard.reward_values().items()},
            "ends": [bool(shard.terminated[0]), bool(shard.truncated[0])],
            "objective": np.ravel(shard.objective).tolist(),
            "data": data_from_muscle,
        }
        with self._file.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        self._given += 1

    def pop_policy(self) -> Any:
        return {"given": self._given}

    def save_state(self) -> Any:
        return {"given": self._given}

    def load_state(self, state: Any) -> None:
        self._given = state["given"]


class Teller(ArrayMuscle):
    """Sets the number that its policy says, and tells its brain which that is."""

    def update(self, update: Any) -> None:
        self._given = update["given"]

    def act(self, readings: Sequence[Any]) -> tuple[list[Any], Any]:
        return [float(self._given)], {"policy": self._given}


class Lately(Objective):
    """The rewards of the last three steps, less by a hundredth of the steps of the episode so far."""

    def internal_reward(self, memory: Memory, **kwargs: Any) -> float:
        lately = memory.tail(3)
        return float(lately.reward("world.right").sum()) - len(memory) / 100


class Number(Objective):
    """The number that the muscle has set; see `Teller`."""

    def internal_reward(self, memory: Memory, **kwargs: Any) -> float:
        return float(memory.tail(1).setpoint("world.number")[0])


class Count(Objective):
    """Steps of the episode so far."""

    def internal_reward(self, memory: Memory, **kwargs: Any) -> float:
        return float(len(memory))
