"""Some rows of memory as columns: arrays, made when they are asked for; data frames only if somebody wants them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparring.agent.memory_row import Fields, Row
from sparring.types.declaration import FreeValue
from sparring.types.free_value import from_free_value
from sparring.types.values import Values

if TYPE_CHECKING:
    import pandas as pd


class MemoryShard:
    """Rows, oldest first.

    Names of sensors, actuators and rewards are `environment.uid`, or the bare uid where only one environment has it.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def reading(self, name: str) -> NDArray[Any]:
        """Return a sensor's readings, [rows, *shape]; NaN where it had none. Text and the like: an array of objects."""
        return _column(name, [(row.sensors, row.readings) for row in self.rows])

    def setpoint(self, name: str) -> NDArray[Any]:
        """Return an actuator's setpoints; NaN where the muscle left it alone. As `reading` otherwise."""
        return _column(name, [(row.actuators, row.setpoints) for row in self.rows])

    def reward(self, name: str) -> NDArray[Any]:
        """Return a reward's values; NaN where it was not given, or was not known yet. As `reading` otherwise."""
        return _column(name, [(row.reward_fields, row.rewards) for row in self.rows])

    @property
    def reading_matrix(self) -> NDArray[np.float64]:
        """All numbers of all readings, float64 [rows, numbers], sensors in order; NaN where there are none."""
        return _matrix([(row.sensors, row.readings) for row in self.rows])

    @property
    def next_reading_matrix(self) -> NDArray[np.float64]:
        """The same of what was read after each row; NaN where it is not known."""
        return _matrix([(row.sensors, row.next_readings or row.sensors.layout.absent) for row in self.rows])

    @property
    def setpoint_matrix(self) -> NDArray[np.float64]:
        """All numbers of all setpoints, float64 [rows, numbers]."""
        return _matrix([(row.actuators, row.setpoints) for row in self.rows])

    def reward_values(self, row: int = -1) -> dict[str, Any]:
        """Return the rewards of one row by uid; those not given are left out."""
        found = self.rows[row]
        values = found.reward_fields.layout.unpack(found.rewards)
        return {uid: value for uid, value in zip(found.reward_fields.uids, values, strict=True) if value is not None}

    @property
    def tags(self) -> list[str]:
        """The muscle of each row."""
        return [row.tag for row in self.rows]

    @cached_property
    def dones(self) -> NDArray[np.bool_]:
        """Whether the episode ended after the row."""
        return np.array([row.done for row in self.rows], np.bool_)

    @cached_property
    def terminated(self) -> NDArray[np.bool_]:
        """Whether it ended because its task did."""
        return np.array([row.terminated for row in self.rows], np.bool_)

    @cached_property
    def truncated(self) -> NDArray[np.bool_]:
        """Whether it was cut short."""
        return np.array([row.truncated for row in self.rows], np.bool_)

    @cached_property
    def objective(self) -> NDArray[np.float64]:
        """The objective, [rows] or, if it is a vector, [rows, numbers]; NaN where it had nothing to say."""
        found = [row.objective for row in self.rows]
        width = max([1, *(each.size for each in found)])
        column = np.full((len(found), width), np.nan)
        for place, each in enumerate(found):
            column[place, : each.size] = each.reshape(-1)
        return column[:, 0] if width == 1 else column

    @cached_property
    def observations(self) -> NDArray[Any]:
        """What was stored as observations, [rows, ...]; NaN where nothing was."""
        return _stack([row.observations for row in self.rows])

    @cached_property
    def actions(self) -> NDArray[Any]:
        """What was stored as actions; as `observations`."""
        return _stack([row.actions for row in self.rows])

    @cached_property
    def additional_data(self) -> list[Any]:
        """What the muscles told their brain, row by row."""
        return [from_free_value(row.data) if isinstance(row.data, FreeValue) else row.data for row in self.rows]

    @cached_property
    def sensor_readings(self) -> pd.DataFrame:
        """Readings as a data frame, a column per sensor; slower than `reading`."""
        return _frame([(row.sensors, row.readings) for row in self.rows])

    @cached_property
    def actuator_setpoints(self) -> pd.DataFrame:
        """Setpoints as a data frame, a column per actuator; slower than `setpoint`."""
        return _frame([(row.actuators, row.setpoints) for row in self.rows])

    @cached_property
    def rewards(self) -> pd.DataFrame:
        """Rewards as a data frame, a column per reward; slower than `reward` and `reward_values`."""
        return _frame([(row.reward_fields, row.rewards) for row in self.rows])


_Cell = tuple[Fields, Values]


def _same_fields(cells: Sequence[_Cell]) -> bool:
    first = cells[0][0]
    return all(fields is first for fields, _ in cells)


def _column(name: str, cells: Sequence[_Cell]) -> NDArray[Any]:
    """Return one field of all rows: a view of their bytes where they all have it."""
    if not cells:
        return np.zeros(0)
    fields = cells[-1][0]
    field = fields.layout.fields[fields.place(name)]
    if _same_fields(cells) and field.plain and not any(values.present for _, values in cells):
        packed = field.leaves[0]
        data = bytearray(b"".join([values.data for _, values in cells]))
        size, dtype = fields.layout.size, packed.leaf.dtype
        assert dtype is not None
        inner = np.empty(packed.leaf.shape, dtype).strides
        shape = (len(cells), *packed.leaf.shape)
        return np.ndarray(shape, dtype, data, packed.offset, (size, *inner)).copy()
    uid = fields.uids[field.index]
    values = [each.layout.unpack(found)[each.place(uid)] if uid in each.uids else None for each, found in cells]
    if field.plain:
        missing = np.full(field.leaves[0].leaf.shape, np.nan)
        return np.array([missing if value is None else value for value in values])
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _matrix(cells: Sequence[_Cell]) -> NDArray[np.float64]:
    """Return all numbers of all fields, row by row; all rows have the same fields."""
    rows = []
    for fields, values in cells:
        layout = fields.layout
        parts = [
            view.reshape(-1).astype(np.float64)
            if layout.is_present(values, packed.field)
            else np.full(packed.leaf.count, np.nan)
            for packed, view in zip(layout.arrays, layout.views(values.data), strict=True)
        ]
        rows.append(np.concatenate(parts) if parts else np.zeros(0))
    return np.array(rows) if rows else np.zeros((0, 0))


def _stack(values: Sequence[Any]) -> NDArray[Any]:
    """Stack what was stored; an array of objects if shapes differ."""
    known = next((np.asarray(value) for value in values if value is not None), None)
    if known is None:
        return np.full(len(values), np.nan)
    shapes = {np.shape(value) for value in values if value is not None}
    if len(shapes) > 1:
        column = np.empty(len(values), object)
        column[:] = values
        return column
    missing = np.full(known.shape, np.nan)
    return np.array([missing if value is None else value for value in values])


def _frame(cells: Sequence[_Cell]) -> pd.DataFrame:
    # Imported here, not above: it takes longer than all the rest, and who uses the arrays does not need it.
    import pandas as pd

    rows = [dict(zip(fields.uids, fields.layout.unpack(values), strict=True)) for fields, values in cells]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame([{name: _cell(row.get(name)) for name in names} for row in rows], columns=names)


def _cell(value: Any) -> Any:
    """Make a plain number of an array with a single one."""
    return value.item() if isinstance(value, np.ndarray | np.generic) and value.size == 1 else value
