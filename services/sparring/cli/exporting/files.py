"""Tables as files, piece by piece: Parquet, or comma-separated values."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from sparring.cli.showing.rows import csv_rows


class Writer(Protocol):
    """Writes one table; a context manager."""

    def write(self, table: Any) -> None:
        """Append rows; columns that they do not have are null."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ParquetFile:
    """See `Writer`."""

    def __init__(self, path: Path, schema: Any) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, table: Any) -> None:
        """See `Writer`."""
        if table.num_rows:
            self._writer.write_table(_in_form(table, self._schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()


class CsvFile:
    """See `Writer`."""

    def __init__(self, path: Path, schema: Any) -> None:
        self._schema = schema
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.writelines(f"{line}\n" for line in csv_rows(schema.names, ()))

    def write(self, table: Any) -> None:
        """See `Writer`."""
        batches = _in_form(table, self._schema).to_batches()
        self._file.writelines(f"{line}\n" for line in csv_rows(None, batches))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _in_form(table: Any, schema: Any) -> Any:
    """Return a table with just these columns, in this order and of these types."""
    if table.schema.equals(schema):
        return table
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.schema.names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
