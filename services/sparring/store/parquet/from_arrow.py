"""Makes rows of a record of Arrow tables again, bit for bit: the inverse of `to_arrow`, world states left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sparring.api.space.v1 import values_pb2
from sparring.codec.values import decode_values
from sparring.store.episodes import LateRewards
from sparring.store.parquet.buffers import read_bools, read_missing, read_numbers
from sparring.store.parquet.columns import Fields, RecordColumns
from sparring.store.steps import Piece
from sparring.types.declaration import FreeValue
from sparring.types.episode import AgentRows, StepRows
from sparring.types.row_columns import EnvironmentColumns, PartColumns

_INT64: Final = np.dtype(np.int64)


def pieces(
    columns: RecordColumns, table: Any, late: Mapping[int, tuple[LateRewards, ...]], *, agents: bool = False
) -> Iterator[Piece]:
    """Yield the rows of a table.

    Args:
        columns: of the file.
        table: some consecutive rows of it.
        late: the rewards that were declared late, by episode.
        agents: whether to read what agents added as well.
    """
    if not table.num_rows:
        return
    table = table.combine_chunks()
    episodes, steps = (read_numbers(_chunk(table, name), _INT64, 1).reshape(-1) for name in ("episode", "step"))
    added = [_Added(name, table) for name in columns.agents] if agents else []
    for start, stop, held in _alike(episodes, steps, late):
        rows, texts = _rows(columns, table.slice(start, stop - start).combine_chunks(), held)
        size, text_count = columns.layout(held).size, columns.layout(held).text_count
        for first, last in _spans(episodes[start:stop], steps[start:stop]):
            yield Piece(
                StepRows(
                    episode=int(episodes[start + first]),
                    first_step=int(steps[start + first]),
                    steps=last - first,
                    rows=bytes(rows[first * size : last * size]),
                    texts=tuple(texts[first * text_count : last * text_count]),
                    agents=tuple(
                        agent.rows(number, start + first, start + last, int(steps[start + first]))
                        for number, agent in enumerate(added)
                    ),
                ),
                held,
            )


class _Added:
    """What one agent added to the rows of a table."""

    def __init__(self, name: str, table: Any) -> None:
        objectives, acted = _chunk(table, f"objective.{name}"), _chunk(table, f"acted.{name}")
        self._objectives = read_numbers(objectives, np.dtype(np.float64), 1).reshape(-1).copy()
        self._objectives[read_missing(objectives)] = np.nan
        self._acted = read_bools(acted)
        self._types = _chunk(table, f"data_type.{name}").to_pylist()
        self._data = _chunk(table, f"data.{name}").to_pylist()
        self._proposed = _chunk(table, f"proposed.{name}").to_pylist()

    def rows(self, number: int, start: int, stop: int, first_step: int) -> AgentRows:
        """Return what it added between two rows."""
        return AgentRows(
            number,
            tuple(self._objectives[start:stop].tolist()),
            tuple(
                None if kind is None else FreeValue(kind, data)
                for kind, data in zip(self._types[start:stop], self._data[start:stop], strict=True)
            ),
            tuple(self._acted[start:stop].tolist()),
            tuple(
                (first_step + place, decode_values(values_pb2.Values.FromString(data)))
                for place, data in enumerate(self._proposed[start:stop])
                if data is not None
            ),
        )


def _alike(
    episodes: NDArray[np.int64], steps: NDArray[np.int64], late: Mapping[int, tuple[LateRewards, ...]]
) -> Iterator[tuple[int, int, tuple[LateRewards, ...]]]:
    """Cut rows where the rewards that they hold change; those without late rewards stay together over episodes."""
    cuts: list[tuple[int, tuple[LateRewards, ...]]] = []
    for first, last in _spans(episodes, steps):
        declared = late.get(int(episodes[first]), ())
        begin = int(steps[first])
        for row in sorted({begin, *(each.row for each in declared if begin < each.row < begin + last - first)}):
            held = tuple(each for each in declared if each.row <= row)
            if not cuts or held or cuts[-1][1]:
                cuts.append((first + row - begin, held))
    for (start, held), stop in zip(cuts, [*(start for start, _ in cuts[1:]), len(episodes)], strict=True):
        yield start, stop, held


def _spans(episodes: NDArray[np.int64], steps: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield where consecutive rows of one episode begin and end."""
    breaks = np.flatnonzero((np.diff(episodes) != 0) | (np.diff(steps) != 1)) + 1
    starts = [0, *breaks.tolist()]
    yield from zip(starts, [*starts[1:], len(episodes)], strict=True)


def _rows(columns: RecordColumns, table: Any, late: tuple[LateRewards, ...]) -> tuple[bytearray, list[str]]:
    layout = columns.layout(late)
    rows = bytearray(table.num_rows * layout.size)
    texts: list[list[str]] = []
    for number, environment in enumerate(layout.columns(rows)):
        for part, values in enumerate(environment.parts):
            _write_part(columns.fields(number, part, late), values, table, texts)
        _write_times(columns.environments[number], environment, table)
    return rows, [text for row in zip(*texts, strict=True) for text in row]


def _write_part(fields: Fields, values: PartColumns, table: Any, texts: list[list[str]]) -> None:
    present = np.zeros((table.num_rows, len(fields)), np.bool_)
    arrays = iter(values.arrays)
    for number, columns in enumerate(fields):
        placed = values.layout.fields[number].leaves
        for column in columns:
            stored = _chunk(table, column.name)
            present[:, number] = ~read_missing(stored)
            if column.text:
                texts.append([text or "" for text in stored.to_pylist()])
                continue
            target = next(arrays) if placed else None
            if column.dtype is not None and target is not None:
                target[...] = read_numbers(stored, column.dtype, column.count).reshape(target.shape)
    if fields:
        values.set_present(present)


def _write_times(name: str, environment: EnvironmentColumns, table: Any) -> None:
    for flag in ("terminated", "truncated", "updated"):
        getattr(environment, flag)[...] = read_bools(_chunk(table, f"{flag}.{name}"))
    for column, target, has in (
        ("ticks", environment.ticks, environment.has_ticks),
        ("timestamp", environment.timestamps_ns, environment.has_timestamp),
    ):
        stored = _chunk(table, f"{column}.{name}")
        has[...] = ~read_missing(stored)
        target[...] = read_numbers(stored, _INT64, 1).reshape(target.shape)


def _chunk(table: Any, name: str) -> Any:
    return table.column(name).chunk(0)
