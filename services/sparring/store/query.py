"""Results as data frames, for people: no service, no broker, only the store's directory.

from sparring.store import open_store

with open_store("sparring-data") as store:
    store.runs()
    store.episodes().groupby("phase_name")["episode_return"].mean()
    store.steps("dummy-1", phase=0)["reward.env.reward"].plot()
    store.sql("SELECT mode, avg(episode_return) FROM episodes WHERE run = latest() GROUP BY mode")

A store may be read while a service writes to it; what is read is what is durable. Only committed episodes are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sparring.store.naming import LATEST
from sparring.store.phases import Recording, RecordingKey
from sparring.store.places import DATABASE, Places
from sparring.store.ports import Tables
from sparring.store.reading import declared, late_rewards, segment_pieces
from sparring.store.refusals import run_unknown
from sparring.store.sql.database import SqlDatabase
from sparring.types.errors import NotFoundError
from sparring.types.mode import Mode

# pyarrow, duckdb and pandas are imported where they are needed: together they take a second.
if TYPE_CHECKING:
    import pandas as pd

    from sparring.store.parquet.columns import RecordColumns


def open_store(location: str | Path, directory: str | Path | None = None) -> Store:
    """Open a store for reading.

    Args:
        location: its directory, or the URL of its database (`postgresql+psycopg://...`).
        directory: where runs lie, if the location is a URL.

    Raises:
        NotFoundError: STORE_UNKNOWN, there is no store.
        InvalidArgumentError: BAD_DATABASE_URL.
    """
    text = str(location)
    if "://" in text:
        return Store(text, Places(Path(directory or "sparring-data")))
    places = Places(Path(text))
    if not (places.directory / DATABASE).is_file():
        raise NotFoundError(
            "STORE_UNKNOWN", f"There is no store in {places.directory} (no file {DATABASE}).", directory=text
        )
    return Store(places.database_url, places)


class Store:
    """A store that is read. Made by `open_store`; a context manager. Every method returns a new data frame."""

    def __init__(self, url: str, places: Places) -> None:
        self._database = SqlDatabase(url, create=False)
        self._places = places

    def runs(self) -> pd.DataFrame:
        """Return all runs, newest first."""
        from sparring.store.arrow_tables import runs_table

        return _frame(self._database.read(runs_table))

    def phases(self, run: str = LATEST) -> pd.DataFrame:
        """Return what the phases of a run came to so far.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        from sparring.store.arrow_tables import phases_table

        return _frame(self._database.read(lambda tables: phases_table(tables, [_named(tables, run)])))

    def episodes(self, run: str = LATEST) -> pd.DataFrame:
        """Return the committed episodes of a run. `objectives` and `seeds` are dictionaries, by agent and environment.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        from sparring.store.arrow_tables import episodes_table

        return _frame(self._database.read(lambda tables: episodes_table(tables, [_named(tables, run)])))

    def brain_states(self, run: str = LATEST) -> pd.DataFrame:
        """Return the headers of the brain states of a run, oldest first.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        from sparring.store.arrow_tables import brain_states_table

        return _frame(self._database.read(lambda tables: brain_states_table(tables, [_named(tables, run)])))

    def faults(self, run: str = LATEST) -> pd.DataFrame:
        """Return the faults of the document that struck in a run.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        from sparring.store.arrow_tables import faults_table

        return _frame(self._database.read(lambda tables: faults_table(tables, [_named(tables, run)])))

    def steps(
        self, run: str = LATEST, phase: int | None = None, mode: Mode | str | None = None, rollout: int | None = None
    ) -> pd.DataFrame:
        """Return the steps of a run's committed episodes, of sealed phases and of those that go on.

        Columns: `phase`, `mode`, `rollout`, `episode`, `step`, then as `sparring.store.parquet.columns` says. Step 0 is
        the state at the beginning. What is absent is null; lists are numpy arrays.

        Args:
            run: its name, or `latest`.
            phase: only this one.
            mode: only this one.
            rollout: only this rollout worker.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: DATA_DAMAGED.
        """
        import pyarrow as pa

        wanted_mode = None if mode is None else Mode(mode)
        tables = [
            table
            for recording in self._recordings(run)
            if phase in (None, recording.key.phase)
            and wanted_mode in (None, recording.key.mode)
            and rollout in (None, recording.key.rollout)
            for table in self._steps(recording)
        ]
        return _frame(pa.concat_tables(tables, promote_options="permissive") if tables else pa.table({}))

    def step_tables(self, run: str = LATEST) -> Iterator[Any]:
        """Yield the same as `steps`, as Arrow tables of a bounded size, for runs that do not fit into memory.

        The first one is empty and has all columns; the others have those of their phase.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: DATA_DAMAGED.
        """
        import pyarrow as pa

        recordings = self._recordings(run)
        schemas = [_with_places(self._columns(each).schema.empty_table(), each.key).schema for each in recordings]
        yield (pa.unify_schemas(schemas, promote_options="permissive") if schemas else pa.schema({})).empty_table()
        for recording in recordings:
            yield from self._steps(recording)

    def sql(self, statement: str) -> pd.DataFrame:
        """Run a statement (duckdb's dialect) over `runs`, `phases`, `episodes`, `brain_states` and `steps`.

        `steps` has the sealed phases of all runs, `latest()` is the newest run; see `sparring.store.statement`.

        Raises:
            InvalidArgumentError: QUERY_INVALID.
        """
        import pyarrow as pa

        from sparring.store.statement import Statement

        running = Statement()
        try:
            running.run(self._database, self._places, statement)
            return _frame(pa.Table.from_batches(running.batches(), running.schema))
        finally:
            running.close()

    def _recordings(self, run: str) -> Sequence[Recording]:
        name = self._database.read(lambda tables: _named(tables, run))
        return self._database.read(lambda tables: tables.phases.recordings(name))

    def _columns(self, recording: Recording) -> RecordColumns:
        from sparring.store.parquet.columns import RecordColumns

        late = late_rewards(self._database, recording.key)
        return RecordColumns(declared(recording), (each for rewards in late.values() for each in rewards))

    def _steps(self, recording: Recording) -> Iterator[Any]:
        """Yield the rows of one rollout worker as Arrow tables."""
        import pyarrow.parquet as pq

        from sparring.store.parquet.files import tables

        key = recording.key
        if self._database.read(lambda read: read.phases.is_sealed(key.run, key.phase, key.mode)):
            with pq.ParquetFile(self._places.parquet(key)) as file:
                for group in range(file.num_row_groups):
                    yield _with_places(file.read_row_group(group), key)
        else:
            for table in tables(self._columns(recording), segment_pieces(self._database, self._places, key)):
                yield _with_places(table, key)

    def close(self) -> None:
        """Release the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _with_places(table: Any, key: RecordingKey) -> Any:
    """Say in each row where it is from."""
    import pyarrow as pa

    places = (
        ("phase", key.phase, pa.int64()),
        ("mode", key.mode.value, pa.string()),
        ("rollout", key.rollout, pa.int64()),
    )
    for place, (name, value, kind) in enumerate(places):
        table = table.add_column(place, name, pa.repeat(pa.scalar(value, kind), table.num_rows))
    return table


def _named(tables: Tables, run: str) -> str:
    found = tables.runs.latest() if run == LATEST else tables.runs.find(run)
    if found is None:
        raise run_unknown(run)
    return found.run


def _frame(table: Any) -> pd.DataFrame:
    frame: pd.DataFrame = _with_numbers(table).to_pandas(maps_as_pydicts="strict")
    return frame


def _with_numbers(table: Any) -> Any:
    """Turn decimals, which SQL's sums of integers are, into the numbers that data frames compute with."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            column = table.column(place)
            try:
                number = column.cast(pa.int64())
            except pa.ArrowInvalid:  # a fraction, or too large
                number = column.cast(pa.float64())
            table = table.set_column(place, field.name, number)
    return table
