"""The answer to a statement, in its three forms."""

import csv
import io
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from sparring.cli.showing.rows import csv_lines, json_lines, rows_table
from tests.unit.cli.samples import console, printed

SCHEMA = pa.schema(
    {
        "run": pa.string(),
        "episode_return": pa.float64(),
        "objectives": pa.map_(pa.string(), pa.float64()),
        "committed": pa.timestamp("us", tz="UTC"),
        "terminated": pa.bool_(),
        "list": pa.list_(pa.float32(), 2),
        "data": pa.binary(),
    }
)
AT = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {
        "run": 'a, "b"',
        "episode_return": 1.5,
        "objectives": [("keeper", 2.0), ("attacker", math.nan)],
        "committed": AT,
        "terminated": True,
        "list": [0.5, 1.0],
        "data": b"\x00\xff",
    },
    {"run": None, "episode_return": math.inf, "objectives": None, "terminated": False},
]


def stream(rows: list[dict[str, Any]] = ROWS, schema: Any = SCHEMA) -> bytes:
    out = io.BytesIO()
    table = pa.Table.from_pylist(rows, schema)
    with pa.ipc.new_stream(out, schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def shown(data: bytes, limit: int = 100, width: int = 120) -> list[str]:
    out = console(width=width)
    out.print(rows_table(data, limit, width))
    return [" ".join(line.split()) for line in printed(out).splitlines() if line.strip(" ─")]


def test_as_json_every_row_is_an_object() -> None:
    first, second = (json.loads(line) for line in json_lines(stream()))
    assert first == {
        "run": 'a, "b"',
        "episode_return": 1.5,
        "objectives": {"keeper": 2.0, "attacker": None},
        "committed": AT.isoformat(),
        "terminated": True,
        "list": [0.5, 1.0],
        "data": "AP8=",
    }
    assert (second["run"], second["episode_return"], second["objectives"]) == (None, None, None)


def test_as_comma_separated_values_there_is_a_line_of_names_first() -> None:
    names, first, second = csv.reader(io.StringIO("\n".join(csv_lines(stream()))))
    assert names == SCHEMA.names
    assert first == [
        'a, "b"', "1.5", '{"keeper": 2.0, "attacker": null}', AT.isoformat(), "true", "[0.5, 1.0]", "AP8=",
    ]  # fmt: skip
    assert second == ["", "", "", "", "false", "", ""]


def test_a_limit_holds_in_every_form() -> None:
    data = stream()
    assert len(list(json_lines(data, 1))) == 1
    assert len(list(csv_lines(data, 1))) == 2
    assert list(json_lines(data, 0)) == []
    assert shown(data, limit=1)[-1] == "2 rows (the first 1 of 2; --limit shows more)"


def test_few_columns_are_a_table() -> None:
    schema = pa.schema({"run": pa.string(), "objectives": pa.map_(pa.string(), pa.float64())})
    assert shown(stream([{"run": "r", "objectives": [("a", 1.0)]}], schema)) == ["run objectives", "r a: 1", "1 row"]


def test_rows_that_are_too_wide_stand_below_each_other() -> None:
    lines = shown(stream(), width=60)
    assert lines[:4] == ["row 0", 'run a, "b"', "episode_return 1.5", "objectives keeper: 2, attacker: nan"]
    assert "list [0.5, 1]" in lines
    assert "row 1" in lines


def test_no_rows_are_still_columns() -> None:
    assert shown(stream([]), width=20)[-1] == "0 rows"
    assert list(csv_lines(stream([]))) == [",".join(SCHEMA.names)]


def test_sums_of_integers_are_integers() -> None:
    schema = pa.schema({"sum": pa.decimal128(38, 0), "part": pa.decimal128(10, 2)})
    data = stream([{"sum": Decimal(60882), "part": Decimal("0.25")}], schema)
    assert list(json_lines(data)) == ['{"sum": 60882, "part": 0.25}']
    assert list(csv_lines(data))[1] == "60882,0.25"
    assert shown(data)[1] == "60882 0.25"
