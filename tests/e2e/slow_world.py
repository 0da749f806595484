"""A world for tests of losses: like DummyEnvironment, but each update takes SLOW_WORLD_S, so that a run can be met."""

from __future__ import annotations

import ctypes
import os
import time

from sparring.environment import DummyEnvironment, EnvironmentState
from sparring.types.information import ActuatorInformation

STEP_S = float(os.environ.get("SLOW_WORLD_S", "0"))
LOCKED_S = int(os.environ.get("LOCKED_WORLD_S", "0"))


class SlowWorld(DummyEnvironment):
    """Takes its time; what it shows is as if it did not."""

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Wait, then count."""
        time.sleep(STEP_S)
        return super().update(actuators)


class LockedWorld(DummyEnvironment):
    """Holds the interpreter lock for seconds in its second update, as a simulator in C may do."""

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Hold it, then count."""
        if self.iter == 1 and LOCKED_S:
            ctypes.PyDLL(None).sleep(LOCKED_S)
        return super().update(actuators)
