"""Memory: what an agent has experienced, newest last; cheap to add to and to look at the end of."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from sparring.agent.memory_row import NOTHING, Fields, Row, no_fields
from sparring.agent.memory_shard import MemoryShard
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.values import Values

_Information = SensorInformation | ActuatorInformation | RewardInformation


class Memory:
    """Rows of one or more muscles, in the order in which they were experienced.

    Args:
        size_limit: At most so many rows are kept; the oldest are forgotten. Can be changed at any time.
    """

    def __init__(self, size_limit: float = 1e6) -> None:
        self.size_limit = int(size_limit)
        self._rows: deque[Row] = deque()
        self._newest: dict[str, Row] = {}
        self._waiting: dict[str, dict[str, Any]] = {}
        self._fields: dict[tuple[str, tuple[str, ...], tuple[int, ...]], Fields] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __bool__(self) -> bool:
        return True

    @property
    def tags(self) -> set[str]:
        """All muscles known to this memory."""
        return set(self._newest)

    def add(self, row: Row) -> None:
        """Append a row; what was stored beforehand for its muscle becomes part of it."""
        before = self._newest.get(row.tag)
        if before is not None and not before.done and before.next_readings is None:
            before.next_readings = row.readings
        self._newest[row.tag] = row
        if self._waiting:
            for name, value in self._waiting.pop(row.tag, {}).items():
                setattr(row, name, value)
        rows = self._rows
        rows.append(row)
        while len(rows) > self.size_limit:
            rows.popleft()

    def finish(self, tag: str, readings: Values) -> None:
        """Say what a muscle read at the end of its episode."""
        row = self._newest.get(tag)
        if row is not None and row.next_readings is None:
            row.next_readings = readings

    def append(
        self,
        muscle_uid: str,
        sensor_readings: Sequence[SensorInformation] | None = None,
        actuator_setpoints: Sequence[ActuatorInformation] | None = None,
        rewards: Sequence[RewardInformation] | None = None,
        done: bool | None = None,
        observations: Any = None,
        actions: Any = None,
        objective: Any = None,
        additional_data: Any = None,
        *,
        terminated: bool | None = None,
        truncated: bool | None = None,
    ) -> None:
        """Store something.

        With `rewards` it is a new row. Without, it completes the muscle's newest row, as far as that has nothing of the
        kind yet, and the one to come otherwise: a step's row is there before `Brain.thinking` is called.

        Args:
            muscle_uid: Which muscle.
            sensor_readings: What it read.
            actuator_setpoints: What it set.
            rewards: What followed.
            done: Whether the episode ended.
            observations: Whatever brain and muscle call an observation.
            actions: Whatever they call an action.
            objective: The agent's objective, a number or several.
            additional_data: Anything else.
            terminated: Whether the episode ended because its task did; by default, if it is done and not truncated.
            truncated: Whether it was cut short.
        """
        extra = {"observations": observations, "actions": actions, "data": additional_data}
        if objective is not None:
            extra["objective"] = np.atleast_1d(np.asarray(objective, np.float64))
        given = {name: value for name, value in extra.items() if value is not None}
        if rewards is None:
            self._complete(muscle_uid, given)
            return
        over = bool(terminated) if terminated is not None else bool(done) and not truncated
        row = Row(
            muscle_uid,
            *self._packed("sensor", sensor_readings or ()),
            *self._packed("actuator", actuator_setpoints or ()),
            *self._packed("reward", rewards),
            over,
            bool(truncated),
        )
        row.done = row.done or bool(done)
        for name, value in given.items():
            setattr(row, name, value)
        self.add(row)

    def tail(self, n: int = 1, include_only: Iterable[str] | None = None) -> MemoryShard:
        """Return the last rows, oldest first.

        Args:
            n: How many.
            include_only: Only those of these muscles.
        """
        rows = self._rows
        if include_only:
            wanted = set(include_only)
            found = list(islice((row for row in reversed(rows) if row.tag in wanted), n))
        elif n == 1 and rows:
            return MemoryShard((rows[-1],))
        else:
            found = list(islice(reversed(rows), n))
        return MemoryShard(found[::-1])

    def truncate(self, n: int) -> None:
        """Forget all rows but the last `n`."""
        n = abs(n)
        while len(self._rows) > n:
            self._rows.popleft()

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._newest.clear()
        self._waiting.clear()

    def _complete(self, muscle: str, given: dict[str, Any]) -> None:
        row = self._newest.get(muscle)
        for name, value in given.items():
            known = None if row is None else getattr(row, name)
            if row is None or (known is not None and known is not NOTHING):
                self._waiting.setdefault(muscle, {})[name] = value
            else:
                setattr(row, name, value)

    def _packed(self, kind: str, informations: Sequence[_Information]) -> tuple[Fields, Values]:
        """Pack information objects; one without a value is absent."""
        if not informations:
            return no_fields(kind), no_fields(kind).layout.absent
        uids = tuple([each.uid for each in informations])
        key = (kind, uids, tuple([id(each.space) for each in informations]))
        fields = self._fields.get(key)
        if fields is None:
            if len(self._fields) >= 64:
                self._fields.clear()
            fields = self._fields[key] = Fields(kind, uids, [each.space for each in informations])
        return fields, fields.layout.pack([each.value for each in informations])
