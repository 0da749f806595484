"""Filters that let an agent say how setpoints change, instead of what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space

from sparring.agent.filter import Actuators, Filter, Sensors
from sparring.agent.filters.number_spaces import Numbers, bounds, numbers
from sparring.agent.resting import resting_value
from sparring.types.information import ActuatorInformation


class DeltaActionFilter(Filter):
    """Adds what the agent proposes to the setpoint of the step before, and clips it into the actuator's space.

    Before the first step of an episode a setpoint is the value nearest to zero. What the agent proposes for an actuator
    is a value of the actuator's own space.
    """

    def __init__(self) -> None:
        self._before: dict[str, Numbers] = {}

    def reset(self) -> None:
        """Forget what was set."""
        self._before.clear()

    def muscle_post_process(
        self, setpoints: Sequence[ActuatorInformation], data_for_brain: Any
    ) -> tuple[Sequence[ActuatorInformation], Any]:
        """Replace changes by setpoints."""
        changed = [self._moved(each, numbers(each.value)) for each in setpoints if each.value is not None]
        return changed, data_for_brain

    def _moved(self, setpoint: ActuatorInformation, change: Numbers) -> ActuatorInformation:
        space, uid = setpoint.space, setpoint.uid
        low, high = bounds(space, uid)
        before = self._before.get(uid)
        now = np.clip((numbers(resting_value(space)) if before is None else before) + change, low, high)
        self._before[uid] = now
        return ActuatorInformation(_value(now, space), space, uid)


class DeltaStepFilter(Filter):
    """Lets an agent move Box actuators by steps between -1 and 1.

    A step of 1 is the whole range of an actuator with two finite bounds, and 1 of any other. It is added to the
    setpoint of the step before, at first the value nearest to zero, and clipped into the space. Other actuators stay as
    they are.
    """

    def __init__(self) -> None:
        self._spaces: dict[str, Space[Any]] = {}
        self._before: dict[str, Numbers] = {}

    def reset(self) -> None:
        """Forget what was set."""
        self._before.clear()

    def muscle_pre_process(self, sensors: Sensors, actuators_available: Actuators) -> tuple[Sensors, Actuators]:
        """Show steps instead of setpoints."""
        shown = []
        for each in actuators_available:
            self._spaces[each.uid] = each.space
            if isinstance(each.space, Box):
                space = Box(-1.0, 1.0, each.space.shape, np.float64)
                each = ActuatorInformation(None, space, each.uid, each.value_ids)
            shown.append(each)
        return sensors, shown

    def muscle_post_process(
        self, setpoints: Sequence[ActuatorInformation], data_for_brain: Any
    ) -> tuple[Sequence[ActuatorInformation], Any]:
        """Replace steps by setpoints."""
        return [self._moved(each) for each in setpoints if each.value is not None], data_for_brain

    def _moved(self, setpoint: ActuatorInformation) -> ActuatorInformation:
        uid = setpoint.uid
        space = self._spaces.get(uid, setpoint.space)
        if not isinstance(space, Box):
            return setpoint
        low, high = bounds(space, uid)
        with np.errstate(over="ignore"):
            span = np.where(np.isfinite(high - low), high - low, 1.0)
        before = self._before.get(uid)
        start = numbers(resting_value(space)) if before is None else before
        now = self._before[uid] = np.clip(start + span * numbers(setpoint.value), low, high)
        return ActuatorInformation(_value(now, space), space, uid)


def _value(values: Numbers, space: Space[Any]) -> Any:
    """Return numbers as a value of their space; whole ones are rounded."""
    if isinstance(space, Discrete):
        return round(float(values))
    dtype = space.dtype
    assert dtype is not None
    if dtype.kind == "f":
        rounded = values.astype(dtype)
        return np.clip(rounded, space.low, space.high) if isinstance(space, Box) else rounded
    return np.rint(values).astype(dtype)
