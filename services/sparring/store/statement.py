"""SQL statements of users, by duckdb: read-only, over runs, phases, episodes, brain states and steps.

`runs`, `phases`, `episodes` and `brain_states` are what the database says at this moment. `steps` holds all Parquet
files, joined by column name; `run`, `phase`, `mode` and `rollout` say where a row is from, and what a run does not have
is null. Steps of a phase that still goes on are not in it: they come when it is sealed. The statement sees nothing
else: no other file, no network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from sparring.store.arrow_tables import brain_states_table, episodes_table, every_run, phases_table, runs_table
from sparring.store.places import PARQUET, Places
from sparring.store.ports import Database, Tables
from sparring.types.errors import InvalidArgumentError

ROWS_AT_ONCE: Final = 10_000
_MEMORY: Final = "1GB"
_RUN: Final = rf"([^/]+)/phase=[0-9]+/mode=[a-z]+/rollout=[0-9]+/{PARQUET}$"
_NO_STEPS: Final = """CREATE VIEW steps AS SELECT
    NULL::VARCHAR AS run, NULL::BIGINT AS phase, NULL::VARCHAR AS mode, NULL::BIGINT AS rollout,
    NULL::BIGINT AS episode, NULL::BIGINT AS step WHERE false"""


class Statement:
    """One statement: `run` once, then `batches`; `close` in any case."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": _MEMORY})
        self._reader: Any = None

    def run(self, database: Database, places: Places, sql: str) -> None:
        """Begin.

        Raises:
            InvalidArgumentError: QUERY_INVALID, with what duckdb says, or for anything but a single SELECT.
        """
        try:
            self._prepare(database, places, sql)
            relation: Any = self._connection.sql(sql)
            read = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader  # its older name
            self._reader = read(ROWS_AT_ONCE)
        except duckdb.Error as error:
            raise _invalid(str(error)) from error

    @property
    def schema(self) -> Any:
        """Arrow's schema of the answer."""
        return self._reader.schema

    def batches(self) -> Iterator[Any]:
        """Yield the answer as Arrow record batches.

        Raises:
            InvalidArgumentError: QUERY_INVALID.
        """
        try:
            yield from self._reader
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise _invalid(str(error)) from error

    def interrupt(self) -> None:
        """Make what is under way fail soon; for any thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Release everything."""
        self._connection.close()

    def _prepare(self, database: Database, places: Places, sql: str) -> None:
        """Look at the statement, and give it what it may see."""
        kinds = [each.type for each in duckdb.extract_statements(sql)]
        if kinds not in ([duckdb.StatementType.SELECT], [duckdb.StatementType.EXPLAIN]):
            raise _invalid("only one statement that reads (SELECT) can be run")
        for name, table in database.read(lambda tables: _named_in(sql, tables)).items():
            self._connection.register(name, table)
        files = sorted(places.runs.glob(f"*/*/*/*/{PARQUET}")) if _names(sql, "steps") else []
        self._connection.execute(_steps_view(files))
        self._shut(files)

    def _shut(self, files: list[Path]) -> None:
        """Let the statement see the steps and nothing else."""
        self._connection.execute(f"SET allowed_paths = {_list(files)}")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")


def _names(sql: str, table: str) -> bool:
    """Whether a statement may mean this table: what it does not mean is not loaded."""
    return re.search(rf"\b{table}\b", sql, re.IGNORECASE) is not None


def _named_in(sql: str, tables: Tables) -> dict[str, Any]:
    runs = [run.run for run in every_run(tables)]
    made = {"phases": phases_table, "episodes": episodes_table, "brain_states": brain_states_table}
    found = {name: make(tables, runs if _names(sql, name) else ()) for name, make in made.items()}
    return {"runs": runs_table(tables), **found}


def _steps_view(files: list[Path]) -> str:
    if not files:
        return _NO_STEPS
    return (
        f"CREATE VIEW steps AS SELECT regexp_extract(filename, '{_RUN}', 1) AS run, phase, mode, rollout, "
        "* EXCLUDE (filename, phase, mode, rollout) "
        f"FROM read_parquet({_list(files)}, union_by_name = true, hive_partitioning = true, filename = true)"
    )


def _list(files: list[Path]) -> str:
    return "[" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "]"


def _invalid(what: str) -> InvalidArgumentError:
    return InvalidArgumentError("QUERY_INVALID", f"The statement cannot be run: {what}")
