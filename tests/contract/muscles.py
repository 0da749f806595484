"""Muscles that the contract suites play with; a host under test offers this module."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparring.agent import ActuatorInformation, ArrayMuscle, Muscle, SensorInformation
from sparring.types.mode import Mode


class Follower(Muscle):
    """Pushes against what it reads, with a little noise; shifts gears as its policy says.

    Args:
        fault: What goes wrong in step 2: "raise", "outside" or "stranger".
    """

    def __init__(self, fault: str = "") -> None:
        super().__init__()
        self.fault = fault
        self.gain = 1.0
        self.prepared = 0

    def setup(self) -> None:
        self.memory.size_limit = 100

    def prepare_model(self) -> None:
        self.prepared += 1

    def update(self, update: Any) -> None:
        self.gain = update["gain"]

    def reset(self) -> None:
        self.steps = 0

    def propose_actions(
        self, sensors: list[SensorInformation], actuators_available: list[ActuatorInformation]
    ) -> tuple[list[ActuatorInformation], Any]:
        self.steps += 1
        if self.fault and self.steps == 2:
            if self.fault == "raise":
                raise RuntimeError("a cramp")
            space = actuators_available[1].space
            uid = "nobody.knows" if self.fault == "stranger" else actuators_available[1].uid
            value = 2 if self.fault == "stranger" else 7
            return [ActuatorInformation(value, space, uid, check=False)], None
        position = next(sensor.value for sensor in sensors if sensor.uid.endswith("position"))
        push, gear = actuators_available
        noise = self.rng.normal(0, 0.01, 2)
        push(np.clip(-0.1 * self.gain * position + noise, -1, 1).astype(np.float32))
        self.add_statistics("gain", self.gain)
        said = {
            "rows": len(self.memory),
            "reward": float(self.memory.tail(1).reward("closeness")[0]) if len(self.memory) else None,
            "mode": Mode(self.mode).value,
            "prepared": self.prepared,
            "ticks": self.simtimes["hill"].ticks if "hill" in self.simtimes else None,
        }
        if self.steps % 2:
            return [push], said
        gear(2)
        return [gear, push], said


class ArrayFollower(ArrayMuscle):
    """The same by arrays, without memory."""

    def __init__(self, fault: str = "") -> None:
        super().__init__()
        self.fault = fault
        self.gain = 1.0

    def update(self, update: Any) -> None:
        self.gain = update["gain"]

    def reset(self) -> None:
        self.steps = 0

    def act(self, readings: Sequence[Any]) -> tuple[list[Any], Any]:
        self.steps += 1
        if self.fault and self.steps == 2:
            if self.fault == "raise":
                raise RuntimeError("a cramp")
            return [None, 7], None
        push = np.clip(-0.1 * self.gain * readings[0] + self.rng.normal(0, 0.01, 2), -1, 1)
        self.add_statistics("gain", self.gain)
        return [push.astype(np.float32), None if self.steps % 2 else 2], [self.steps]
