"""Array muscles: for those that act fast, without an object per sensor and step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from sparring.agent.muscle import Muscle
from sparring.types.information import ActuatorInformation, SensorInformation


class ArrayMuscle(Muscle):
    """A muscle whose values are given by their place in `self.sensors` and `self.actuators`."""

    @abstractmethod
    def act(self, readings: Sequence[Any]) -> list[Any] | tuple[list[Any], Any]:
        """Act.

        Args:
            readings: One per sensor, as `space.sample()` would give it; None where there is none. Yours to keep.

        Returns:
            A list of values, one per actuator, None leaving it alone; or a tuple of that list and data for the brain.
        """

    def propose_actions(
        self, sensors: list[SensorInformation], actuators_available: list[ActuatorInformation]
    ) -> tuple[list[ActuatorInformation], Any]:
        """Act on objects, where a filter stands between."""
        known = {sensor.uid: sensor.value for sensor in sensors}
        readings = [known.get(sensor.uid) for sensor in self.sensors] if self.sensors else list(known.values())
        answer = self.act(readings)
        values, data = answer if isinstance(answer, tuple) else (answer, None)
        for actuator, value in zip(actuators_available, values, strict=True):
            actuator(value)
        return actuators_available, data
