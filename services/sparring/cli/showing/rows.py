"""The answer to a statement, an Arrow IPC stream, as a table, as JSON or as comma-separated values."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import pyarrow as pa
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sparring.cli.showing.numbers import count, score

_NUMERIC: Final = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
WIDEST_CELL: Final = 40
"""What is longer is broken into lines."""


def rows_table(stream: bytes, limit: int, width: int = 120) -> Group:
    """Return the first rows, and how many there are: as a table, or one below the other if they are too wide for that.

    Args:
        stream: the answer.
        limit: how many rows.
        width: columns of the terminal.
    """
    found = pa.ipc.open_stream(stream).read_all()
    rows = [[_cell(value) for value in row] for row in _rows(found.slice(0, limit).to_batches())]
    columns = zip(found.column_names, *rows, strict=True)
    wide = sum(min(max(map(len, cells)), WIDEST_CELL) + 2 for cells in columns) > width
    shown = min(limit, found.num_rows)
    more = f" (the first {shown} of {found.num_rows:,}; --limit shows more)" if shown < found.num_rows else ""
    table = _records(found.column_names, rows) if wide and rows else _table(found.schema, rows)
    return Group(table, Text(f"{count(found.num_rows, 'row')}{more}", style="dim"))


def _table(schema: Any, rows: list[list[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for field in schema:
        numeric = any(kind(field.type) for kind in _NUMERIC)
        table.add_column(Text(field.name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _records(names: list[str], rows: list[list[str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", overflow="fold")
    table.add_column(overflow="fold")
    for number, row in enumerate(rows):
        table.add_row(Text(f"row {number}", style="bold"), "")
        for name, value in zip(names, row, strict=True):
            table.add_row(Text(name), Text(value))
    return table


def json_lines(stream: bytes, limit: int | None = None) -> Iterator[str]:
    """Yield one JSON object per row; times in ISO 8601, bytes in base64, what is no number as null."""
    reader = pa.ipc.open_stream(stream)
    names = reader.schema.names
    for row in islice(_rows(reader), limit):
        yield json.dumps(dict(zip(names, map(_plain, row), strict=True)))


def csv_lines(stream: bytes, limit: int | None = None) -> Iterator[str]:
    """Yield the names of the columns, then a line per row (RFC 4180, but for the line's end).

    Values as in JSON; null is empty, lists and maps are JSON.
    """
    reader = pa.ipc.open_stream(stream)
    yield from islice(csv_rows(reader.schema.names, reader), None if limit is None else limit + 1)


def csv_rows(names: Sequence[str] | None, batches: Any) -> Iterator[str]:
    """Yield the names, unless they are None, then a line per row of some record batches."""
    if names is not None:
        yield _csv_line(list(names))
    for row in _rows(batches):
        yield _csv_line([_field(_plain(value)) for value in row])


def _rows(batches: Any) -> Iterator[list[Any]]:
    """Yield the values of each row; maps as dictionaries."""
    for batch in batches:
        columns = [
            [None if value is None else dict(value) for value in column.to_pylist()]
            if pa.types.is_map(column.type)
            else column.to_pylist()
            for column in batch.columns
        ]
        yield from map(list, zip(*columns, strict=True))


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case float():
            return score(value)
        case bytes():
            return value.hex()
        case datetime():
            return value.isoformat(" ", "seconds")
        case dict():
            return ", ".join(f"{name}: {_cell(each)}" for name, each in value.items())
        case list() | tuple():
            return f"[{', '.join(map(_cell, value))}]"
        case _:
            return str(value)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat()
        case Decimal():  # what SQL's sums of integers are
            return int(value) if value == value.to_integral_value() else float(value)
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case _:
            return str(value)


def _field(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(value)
        case _:
            return value


def _csv_line(values: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()
