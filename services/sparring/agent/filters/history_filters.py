"""Filters that show an agent something of the steps before."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from sparring.agent.filter import Actuators, Filter, Sensors
from sparring.agent.filters.number_spaces import Numbers, Spaces, box, numbers, sensor
from sparring.agent.resting import resting_value
from sparring.types.information import ActuatorInformation, SensorInformation


class MergeStepsFilter(Filter):
    """Shows the readings of the last steps as well, as sensors `LAST-1-uid` (the step before), `LAST-2-uid`, ...

    At the beginning of an episode the first readings stand in for those before it.

    Args:
        steps: How many steps are shown, the current one included.
    """

    def __init__(self, steps: int = 3) -> None:
        self._history: deque[Sequence[SensorInformation]] = deque(maxlen=max(1, abs(steps)))

    def reset(self) -> None:
        """Forget the steps before."""
        self._history.clear()

    def muscle_pre_process(self, sensors: Sensors, actuators_available: Actuators) -> tuple[Sensors, Actuators]:
        """Add readings, each sensor followed by its own past."""
        history = self._history
        while len(history) < (history.maxlen or 1):
            history.appendleft(sensors)
        history.appendleft(sensors)
        past = [{each.uid: each for each in readings} for readings in history]
        merged = []
        for each in sensors:
            for lag, readings in enumerate(past):
                known = readings.get(each.uid, each)
                uid = each.uid if lag == 0 else f"LAST-{lag}-{each.uid}"
                merged.append(SensorInformation(known.value, each.space, uid, each.value_ids, check=False))
        return merged, actuators_available


class DeltaObsFilter(Filter):
    """Shows how much readings have changed since the step before, as sensors `DELTA-uid`; 0 in the first step.

    Args:
        delta_sensor_uids: Of which sensors; by default of all.
        replace: Show nothing else. Otherwise the changes follow the readings.
    """

    def __init__(self, delta_sensor_uids: Sequence[str] | None = None, replace: bool = True) -> None:
        self._chosen = None if delta_sensor_uids is None else frozenset(delta_sensor_uids)
        self._replace = replace
        self._before: dict[str, Numbers] = {}
        self._spaces = Spaces(lambda low, high: box(low - high, high - low))

    def reset(self) -> None:
        """Forget the step before."""
        self._before.clear()

    def muscle_pre_process(self, sensors: Sensors, actuators_available: Actuators) -> tuple[Sensors, Actuators]:
        """Replace readings, or add to them."""
        changes = []
        for each in sensors:
            if self._chosen is None or each.uid in self._chosen:
                now = numbers(each.value)
                change = now - self._before.get(each.uid, now)
                self._before[each.uid] = now
                changes.append(sensor(change, self._spaces.of(each), f"DELTA-{each.uid}"))
        return (changes if self._replace else [*sensors, *changes]), actuators_available


class ActionTimeShiftFilter(Filter):
    """Shows the agent's own last setpoints, as sensors `LAST-0-uid` (the oldest) and so on.

    Where an actuator was left alone, and before the first step, its resting value stands in.

    Args:
        steps: How many steps back.
    """

    def __init__(self, steps: int = 1) -> None:
        self._set: deque[dict[str, Any]] = deque(maxlen=max(1, abs(steps)))

    def reset(self) -> None:
        """Forget what was set."""
        self._set.clear()

    def muscle_pre_process(self, sensors: Sensors, actuators_available: Actuators) -> tuple[Sensors, Actuators]:
        """Add setpoints to the readings."""
        while len(self._set) < (self._set.maxlen or 1):
            self._set.appendleft({})
        shown = [
            SensorInformation(
                given[actuator.uid] if actuator.uid in given else resting_value(actuator.space),
                actuator.space,
                f"LAST-{age}-{actuator.uid}",
            )
            for age, given in enumerate(self._set)
            for actuator in actuators_available
        ]
        return [*sensors, *shown], actuators_available

    def muscle_post_process(
        self, setpoints: Sequence[ActuatorInformation], data_for_brain: Any
    ) -> tuple[Sequence[ActuatorInformation], Any]:
        """Remember what is set."""
        self._set.append({each.uid: each.value for each in setpoints if each.value is not None})
        return setpoints, data_for_brain
