"""Makes Arrow tables of rows of a record: many episodes at once, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sparring.codec.values import encode_values
from sparring.store.episodes import LateRewards
from sparring.store.parquet.buffers import bool_array, bytes_array, list_array, number_array
from sparring.store.parquet.columns import LeafColumn, RecordColumns
from sparring.store.steps import Piece
from sparring.types.declaration import FreeValue
from sparring.types.episode import AgentRows
from sparring.types.row_columns import EnvironmentColumns

_KEY: Final = ("episode", "step")


class Gathered:
    """Rows that lie alike, of one episode or many, until they are made a table.

    Attributes:
        bytes: of the rows gathered.
    """

    def __init__(self, columns: RecordColumns, late: tuple[LateRewards, ...]) -> None:
        self._columns = columns
        self._late = late
        self._layout = columns.layout(late)
        self._rows = bytearray()
        self._texts: list[str] = []
        self._spans: list[tuple[int, int, int]] = []
        self._world_states: dict[tuple[int, int], FreeValue] = {}
        self._agents: list[tuple[int, int, AgentRows]] = []
        self._count = 0

    @property
    def bytes(self) -> int:
        """Bytes of the rows gathered."""
        return len(self._rows)

    def add(self, piece: Piece) -> None:
        """Take a piece's rows."""
        steps = piece.steps
        self._rows += steps.rows
        self._texts += steps.texts
        self._spans.append((steps.episode, steps.first_step, steps.steps))
        for step, environment, value in steps.world_states:
            self._world_states[environment, self._count + step - steps.first_step] = value
        self._agents += [(self._count, steps.steps, agent) for agent in steps.agents]
        self._count += steps.steps

    def table(self) -> Any:
        """Return the table, with all columns of the file."""
        episodes = np.repeat([span[0] for span in self._spans], [span[2] for span in self._spans])
        steps = np.concatenate([np.arange(first, first + count) for _, first, count in self._spans])
        made: dict[str, Any] = {
            name: number_array(pa.int64(), of, None) for name, of in zip(_KEY, (episodes, steps), strict=True)
        }
        texts = iter(range(self._layout.text_count))
        for number, environment in enumerate(self._layout.columns(self._rows)):
            for part in range(3):
                made |= self._part(number, part, environment, texts)
            made |= _times(self._columns.environments[number], environment)
            made |= self._states(number)
        for number in range(len(self._columns.agents)):
            made |= self._agent(number, steps)
        arrays = [
            made[field.name] if field.name in made else pa.nulls(self._count, field.type)
            for field in self._columns.schema
        ]
        return pa.Table.from_arrays(arrays, schema=self._columns.schema)

    def _part(self, number: int, part: int, environment: EnvironmentColumns, texts: Iterator[int]) -> dict[str, Any]:
        values = environment.parts[part]
        absent = ~values.present()
        arrays = iter(values.arrays)
        made = {}
        for field, columns in enumerate(self._columns.fields(number, part, self._late)):
            missing = absent[:, field] if absent[:, field].any() else None
            placed = values.layout.fields[field].leaves
            for column in columns:
                if column.text:
                    made[column.name] = self._text_array(next(texts), missing)
                    continue
                array = next(arrays) if placed else None
                made[column.name] = _leaf_array(column, array, missing, self._count)
        return made

    def _text_array(self, place: int, missing: NDArray[np.bool_] | None) -> Any:
        absent = np.zeros(self._count, np.bool_) if missing is None else missing
        texts = self._texts[place :: self._layout.text_count]
        return bytes_array(
            pa.string(), [None if gone else text.encode() for text, gone in zip(texts, absent, strict=True)]
        )

    def _states(self, number: int) -> dict[str, Any]:
        values: list[FreeValue | None] = [None] * self._count
        for (environment, row), value in self._world_states.items():
            if environment == number:
                values[row] = value
        return _free_values("world_state", self._columns.environments[number], values)

    def _agent(self, number: int, steps: NDArray[np.int64]) -> dict[str, Any]:
        name = self._columns.agents[number]
        objectives = np.full(self._count, np.nan)
        acted = steps > 0  # where nothing else is said
        values: list[FreeValue | None] = [None] * self._count
        proposed: list[bytes | None] = [None] * self._count
        for start, count, agent in self._agents:
            if agent.agent != number:
                continue
            for step, setpoints in agent.proposed:
                row = start + step - int(steps[start])
                proposed[row] = encode_values(setpoints).SerializeToString()
            if agent.objectives:
                objectives[start : start + count] = agent.objectives
            if agent.acted:
                acted[start : start + count] = agent.acted
            if agent.data:
                values[start : start + count] = agent.data
        return {
            f"objective.{name}": number_array(pa.float64(), objectives, np.isnan(objectives)),
            f"acted.{name}": bool_array(acted),
            **_free_values("data", name, values),
            f"proposed.{name}": bytes_array(pa.binary(), proposed),
        }


def _leaf_array(column: LeafColumn, array: NDArray[Any] | None, missing: NDArray[np.bool_] | None, count: int) -> Any:
    if column.dtype is None or array is None:
        return bool_array(np.ones(count, np.bool_), missing)
    if column.count == 1:
        return number_array(column.kind, array.reshape(count), missing)
    return list_array(column.kind, array.reshape(count, column.count), missing)


def _times(name: str, environment: EnvironmentColumns) -> dict[str, Any]:
    timestamp = pa.timestamp("ns", tz="UTC")
    return {
        f"terminated.{name}": bool_array(environment.terminated != 0),
        f"truncated.{name}": bool_array(environment.truncated != 0),
        f"updated.{name}": bool_array(environment.updated != 0),
        f"ticks.{name}": number_array(pa.int64(), environment.ticks, environment.has_ticks == 0),
        f"timestamp.{name}": number_array(timestamp, environment.timestamps_ns, environment.has_timestamp == 0),
    }


def _free_values(kind: str, name: str, values: list[FreeValue | None]) -> dict[str, Any]:
    types = [None if each is None else each.content_type.encode() for each in values]
    return {
        f"{kind}.{name}": bytes_array(pa.binary(), [None if each is None else each.data for each in values]),
        f"{kind}_type.{name}": bytes_array(pa.string(), types),
    }
