"""Environments that the contract suites play with; a host under test offers this module."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparring.environment import (
    ActuatorInformation,
    ArrayEnvironment,
    ArrayStep,
    Declaration,
    Environment,
    EnvironmentBaseline,
    EnvironmentState,
    RewardInformation,
    SensorInformation,
    SimTime,
)
from sparring.types.space import Box, Dict, Discrete, Text

POSITION = Box(-100.0, 100.0, (2,), np.float32)
STEPS = Discrete(1000)
NOTE = Dict({"word": Text(12, min_length=0), "parity": Discrete(2, start=-1)})
PUSH = Box(-1.0, 1.0, (2,), np.float32)
GEAR = Discrete(3, start=1)
CLOSENESS = Box(-np.inf, np.inf, (), np.float64)
BONUS = Discrete(10)


class _World:
    """What both environments below do."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.position = rng.uniform(-1, 1, 2).astype(np.float32)
        self.steps = 0

    def move(self, push: Any, gear: Any) -> None:
        self.steps += 1
        noise = self.rng.normal(0, 0.01, 2).astype(np.float32)
        self.position = self.position + noise
        if push is not None:
            self.position = self.position + np.asarray(push, np.float32) * (1 if gear is None else int(gear))

    @property
    def note(self) -> dict[str, Any]:
        return {"word": f"step{self.steps}", "parity": self.steps % 2 - 1}

    @property
    def closeness(self) -> float:
        return -float(np.abs(self.position, dtype=np.float64).sum())


class Wanderer(Environment):
    """Walks where it is pushed, with a little noise; from step 2 on it sometimes gives a reward nobody was told of.

    Args:
        length: The episode ends with this step.
        cut: It ends by being cut short.
        fault: What goes wrong in step 2: "raise" or "outside".
    """

    def __init__(
        self, uid: str, broker_uri: str, seed: int, length: int = 5, cut: bool = False, fault: str = ""
    ) -> None:
        super().__init__(uid, broker_uri, seed)
        self.length = length
        self.cut = cut
        self.fault = fault

    def start_environment(self) -> EnvironmentBaseline:
        self.world = _World(self.rng)
        return EnvironmentBaseline(
            sensors_available=self._readings(),
            actuators_available=[
                ActuatorInformation(space=PUSH, uid=f"{self.uid}.push"),
                ActuatorInformation(space=GEAR, uid="gear"),
            ],
            rewards_available=[RewardInformation(space=CLOSENESS, uid="closeness")],
            simtime=SimTime(simtime_ticks=7),
            tick_ns=10**9,
            static_world_model={"length": self.length},
        )

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        given = {actuator.uid: actuator.value for actuator in actuators}
        self.world.move(given.get("push"), given.get("gear"))
        steps = self.world.steps
        if self.fault and steps == 2:
            if self.fault == "raise":
                raise RuntimeError("the ground shakes")
            self.world.position = np.full(2, 1000, np.float32)
        rewards = [RewardInformation(self.world.closeness, CLOSENESS, "closeness")]
        if steps >= 2:
            rewards.insert(0, RewardInformation(steps, BONUS, "bonus"))
        over = steps >= self.length
        return EnvironmentState(
            # Order does not matter; "note" is left out in every third step.
            sensor_information=self._readings()[:: -1 if steps % 2 else 1][: 2 if steps % 3 == 0 else 3],
            rewards=rewards,
            terminated=over and not self.cut,
            truncated=over and self.cut,
            world_state={"steps": steps},
            next_update=SimTime(simtime_ticks=7 + steps + 2) if steps % 2 else None,
        )

    def _readings(self) -> list[SensorInformation]:
        return [
            SensorInformation(self.world.position, POSITION, "position", check=False),
            SensorInformation(self.world.steps, STEPS, f"{self.uid}.steps"),
            SensorInformation(self.world.note, NOTE, "note"),
        ]


class ArrayWanderer(ArrayEnvironment):
    """The same without late rewards, by arrays."""

    sensors = (Declaration("position", POSITION), Declaration("steps", STEPS), Declaration("note", NOTE))
    actuators = (Declaration("push", PUSH), Declaration("gear", GEAR))
    rewards = (Declaration("closeness", CLOSENESS),)
    tick_ns = 10**9

    def __init__(self, length: int = 5, cut: bool = False, fault: str = "") -> None:
        super().__init__()
        self.length = length
        self.cut = cut
        self.fault = fault

    def reset(self, seed: int) -> list[Any]:
        self.world = _World(self.rng)
        return self._readings()

    def step(self, setpoints: Sequence[Any]) -> ArrayStep:
        push, gear = setpoints
        self.world.move(push, gear)
        steps = self.world.steps
        if self.fault and steps == 2:
            if self.fault == "raise":
                raise RuntimeError("the ground shakes")
            self.world.position = np.full(2, 1000, np.float32)
        over = steps >= self.length
        return ArrayStep(
            self._readings(), [self.world.closeness], over and not self.cut, over and self.cut, world_state=[steps]
        )

    def _readings(self) -> list[Any]:
        return [self.world.position, self.world.steps, self.world.note if self.world.steps % 3 else None]
