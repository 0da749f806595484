"""The answer to a statement, an Arrow IPC stream, as a table or as JSON."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sparring.cli.showing.numbers import count, score


def rows_table(stream: bytes, limit: int) -> Group:
    """Return the first rows as a table, and how many there are."""
    found = pa.ipc.open_stream(stream).read_all()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for field in found.schema:
        numeric = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        table.add_column(Text(field.name), justify="right" if numeric else "left", overflow="fold")
    for row in found.slice(0, limit).to_pylist():
        table.add_row(*(Text(_cell(row[name])) for name in found.column_names))
    shown = min(limit, found.num_rows)
    more = f" (the first {shown} of {found.num_rows:,}; --limit shows more)" if shown < found.num_rows else ""
    return Group(table, Text(f"{count(found.num_rows, 'row')}{more}", style="dim"))


def json_lines(stream: bytes) -> Iterator[str]:
    """Yield one JSON object per row; times in ISO 8601, bytes in base64."""
    for batch in pa.ipc.open_stream(stream):
        for row in batch.to_pylist():
            yield json.dumps({name: _plain(value) for name, value in row.items()})


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
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case _:
            return str(value)
