"""SQL statements of users, by duckdb: read-only, over runs, phases, episodes, brain states, faults and steps.

`runs`, `phases`, `episodes`, `brain_states` and `faults` are what the database says at this moment. `steps` holds all
Parquet files, joined by column name; `run`, `phase`, `mode` and `rollout` say where a row is from, and what a run does
not have is null. Steps of a phase that still goes on are not in it: they come when it is sealed. `latest()` is the name
of the newest run. A statement that fixes `run` has nothing of other runs read, and has only the columns of its own
runs; see `narrowing`. It sees nothing else: no other file, no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from sparring.store.arrow_tables import (
    brain_states_table,
    episodes_table,
    every_run,
    faults_table,
    phases_table,
    runs_table,
)
from sparring.store.narrowing import LATEST_FUNCTION, Narrowing, Runs
from sparring.store.places import PARQUET, Places
from sparring.store.ports import Database, Tables
from sparring.types.errors import InvalidArgumentError

TABLES: Final = ("runs", "phases", "episodes", "brain_states", "faults", "steps")
ROWS_AT_ONCE: Final = 10_000
_MOST_COLUMNS: Final = 60
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
        self._asked: Narrowing | None = None

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
            raise _invalid(f"{self._located(error, sql).rstrip()}{self._hint(error)}") from error

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
        runs, latest = database.read(_run_names)
        self._connection.execute(f"CREATE MACRO {LATEST_FUNCTION}() AS {_quoted(latest)}")
        asked = self._asked = Narrowing(self._connection, sql, latest)
        for name, table in database.read(lambda tables: _tables(tables, runs, asked)).items():
            self._connection.register(name, table)
        files = _step_files(places, asked.runs("steps"), runs) if asked.names("steps") else []
        self._connection.execute(_steps_view(files))
        self._shut(files)

    def _shut(self, files: list[Path]) -> None:
        """Let the statement see the steps and nothing else."""
        self._connection.execute(f"SET allowed_paths = {_list(files)}")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def _located(self, error: duckdb.Error, sql: str) -> str:
        """Return what duckdb says of an error, with line and place: only `execute` tells them."""
        if isinstance(error, duckdb.BinderException | duckdb.CatalogException):  # found before anything is done
            try:
                self._connection.execute(sql)
            except duckdb.Error as again:
                return str(again)
        return str(error)

    def _hint(self, error: duckdb.Error) -> str:
        """Return what there is, where a table or a column was asked for that there is not."""
        if isinstance(error, duckdb.CatalogException) and "Table with name" in str(error):
            return f"\n\nTables: {', '.join(TABLES)}."
        if self._asked is None or not isinstance(error, duckdb.BinderException) or "column" not in str(error).lower():
            return ""
        return "\n" + "".join(
            f"\nColumns of {name}: {self._columns(name)}." for name in TABLES if self._asked.names(name)
        )

    def _columns(self, table: str) -> str:
        names = [row[0] for row in self._connection.execute(f"DESCRIBE {table}").fetchall()]
        more = len(names) - _MOST_COLUMNS
        shown = ", ".join(name if name.isidentifier() else f'"{name}"' for name in names[:_MOST_COLUMNS])
        return shown + (f" and {more} more (`DESCRIBE {table}` lists them)" if more > 0 else "")


def _run_names(tables: Tables) -> tuple[list[str], str | None]:
    """Return all runs, and the newest."""
    latest = tables.runs.latest()
    return [run.run for run in every_run(tables)], None if latest is None else latest.run


def _tables(tables: Tables, runs: list[str], asked: Narrowing) -> dict[str, Any]:
    made = {
        "phases": phases_table,
        "episodes": episodes_table,
        "brain_states": brain_states_table,
        "faults": faults_table,
    }
    wanted = {name: _among(runs, asked.runs(name)) if asked.names(name) else [] for name in made}
    return {"runs": runs_table(tables), **{name: make(tables, wanted[name]) for name, make in made.items()}}


def _among(runs: list[str], wanted: Runs | None) -> list[str]:
    return runs if wanted is None else [run for run in runs if run in wanted]


def _step_files(places: Places, wanted: Runs | None, runs: list[str]) -> list[Path]:
    """Return the files of the runs that matter; names that a user made up are never looked for."""
    if wanted is None:
        return sorted(places.runs.glob(f"*/*/*/*/{PARQUET}"))
    return sorted(file for run in _among(runs, wanted) for file in places.run(run).glob(f"*/*/*/{PARQUET}"))


def _steps_view(files: list[Path]) -> str:
    if not files:
        return _NO_STEPS
    return (
        f"CREATE VIEW steps AS SELECT regexp_extract(filename, '{_RUN}', 1) AS run, phase, mode, rollout, "
        "* EXCLUDE (filename, phase, mode, rollout) "
        f"FROM read_parquet({_list(files)}, union_by_name = true, hive_partitioning = true, filename = true)"
    )


def _list(files: list[Path]) -> str:
    return f"[{', '.join(_quoted(str(file)) for file in files)}]"


def _quoted(text: str | None) -> str:
    return "NULL::VARCHAR" if text is None else "'" + text.replace("'", "''") + "'"


def _invalid(what: str) -> InvalidArgumentError:
    return InvalidArgumentError("QUERY_INVALID", f"The statement cannot be run: {what}")
