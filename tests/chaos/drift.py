"""A small world whose episodes last long enough to be hit: it tells from outside in which step it is.

Written to the document's folder, beside the document; it imports nothing of the tests.
"""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import numpy as np

from sparring.environment import Environment, EnvironmentBaseline, EnvironmentState
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.space import Box, Discrete

STEPS = 40
STEP_S = 0.002
PULSES = "CHAOS_PULSES"


class Drift(Environment):
    """Something drifts, and can be pushed back; who holds it near zero is paid."""

    def start_environment(self) -> EnvironmentBaseline:
        """Begin somewhere."""
        self._position = float(self.rng.normal())
        self._step = 0
        self._pulse(0)
        return EnvironmentBaseline(self._sensors(), [ActuatorInformation(None, Discrete(3), "push")])

    def update(self, actuators: list[ActuatorInformation]) -> EnvironmentState:
        """Drift on."""
        time.sleep(STEP_S)
        push = float(actuators[0].value) - 1.0
        self._position = 0.95 * self._position + 0.4 * push + 0.2 * float(self.rng.normal())
        self._step += 1
        done = self._step >= STEPS
        self._pulse(0 if done else self._step)
        reward = RewardInformation(np.float64(-(self._position**2)), Box(-np.inf, np.inf, (), np.float64), "calm")
        return EnvironmentState(self._sensors(), [reward], done)

    def shutdown(self, reset: bool = False) -> bool:
        """End."""
        self._pulse(0)
        return super().shutdown(reset)

    def _sensors(self) -> list[SensorInformation]:
        position = np.array([np.clip(self._position, -10.0, 10.0)], np.float64)
        return [SensorInformation(position, Box(-10.0, 10.0, (1,), np.float64), "position")]

    def _pulse(self, step: int) -> None:
        """Say in which step this process is; 0 is between episodes."""
        folder = os.environ.get(PULSES)
        if folder:
            (Path(folder) / str(os.getpid())).write_bytes(struct.pack("<q", step))
