"""The contract suite's wanderer as an environment of gymnasium, and behind the bridge."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Dict, Tuple

from sparring.bridges.gymnasium import GymnasiumEnvironment
from tests.contract.environments import GEAR, NOTE, POSITION, PUSH, STEPS


class Wanderer(gymnasium.Env[Any, Any]):
    """Walks where it is pushed, with a little noise; arguments as `tests.contract.environments.Wanderer`."""

    observation_space = Dict([("position", POSITION), ("steps", STEPS), ("note", NOTE)])  # a dict would be sorted
    action_space = Tuple((PUSH, GEAR))

    def __init__(self, length: int = 5, cut: bool = False, fault: str = "") -> None:
        self.length = length
        self.cut = cut
        self.fault = fault

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.position = self.np_random.uniform(-1, 1, 2).astype(np.float32)
        self.steps = 0
        return self._observation(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        push, gear = action
        self.steps += 1
        noise = self.np_random.normal(0, 0.01, 2).astype(np.float32)
        self.position = self.position + noise + push * int(gear)
        if self.fault and self.steps == 2:
            if self.fault == "raise":
                raise RuntimeError("the ground shakes")
            self.position = np.full(2, 1000, np.float32)
        over = self.steps >= self.length
        closeness = -float(np.abs(self.position, dtype=np.float64).sum())
        return self._observation(), closeness, over and not self.cut, over and self.cut, {"steps": self.steps}

    def _observation(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "steps": self.steps,
            "note": {"word": f"step{self.steps}", "parity": self.steps % 2 - 1},
        }


class BridgedWanderer(GymnasiumEnvironment):
    """The same as Sparring sees it; what leaves its space is an error here."""

    def __init__(self, length: int = 5, cut: bool = False, fault: str = "") -> None:
        super().__init__(
            WANDERER,
            actuator_names=["push", "gear"],
            clip_observations=False,
            keep_info=True,
            length=length,
            cut=cut,
            fault=fault,
        )


WANDERER = "sparring-test/Wanderer-v0"
gymnasium.register(WANDERER, entry_point="tests.unit.bridges.environments:Wanderer")
