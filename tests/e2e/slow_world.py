"""Worlds for tests of losses: like DummyEnvironment, but slow, stopping at a gate, or holding the interpreter lock."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path

from sparring.environment import DummyEnvironment, EnvironmentState
from sparring.types.information import ActuatorInformation

STEP_S = float(os.environ.get("SLOW_WORLD_S", "0"))
GATE = os.environ.get("GATED_WORLD_FILE", "")
LOCKED_S = int(os.environ.get("LOCKED_WORLD_S", "0"))


class SlowWorld(DummyEnvironment):
    """Takes its time; what it shows is as if it did not."""

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Wait, then count."""
        time.sleep(STEP_S)
        return super().update(actuators)


class GatedWorld(DummyEnvironment):
    """Plays as many episodes as a file allows, and waits in the middle of the next one until it allows more."""

    begun = 0

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Wait to be allowed, then count."""
        if GATE and self.iter == 1:
            self.begun += 1
            while self.begun > int(Path(GATE).read_text()):
                time.sleep(0.01)
        return super().update(actuators)


class LockedWorld(DummyEnvironment):
    """Holds the interpreter lock for seconds in its second update, as a simulator in C may do."""

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Hold it, then count."""
        if self.iter == 1 and LOCKED_S:
            ctypes.PyDLL(None).sleep(LOCKED_S)
        return super().update(actuators)
