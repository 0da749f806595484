"""The `Database` port over SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from sparring.store.ports import Tables
from sparring.store.sql.brain_states import SqlBrainStateStore
from sparring.store.sql.connection import open_engine, refusal
from sparring.store.sql.episodes import SqlEpisodeStore
from sparring.store.sql.faults import SqlFaultStore
from sparring.store.sql.migration import bring_up_to_date
from sparring.store.sql.phases import SqlPhaseStore
from sparring.store.sql.runs import SqlRunStore

Result = TypeVar("Result")

READERS: Final = 4


class SqlDatabase:
    """A database reached by SQLAlchemy. `write` is used by one thread only.

    Args:
        url: SQLAlchemy's; SQLite and PostgreSQL are made for.
        create: make the tables, or bring them up to date. Without, an older database is read as it is.

    Raises:
        InvalidArgumentError: BAD_DATABASE_URL.
        FailedPreconditionError: SCHEMA_NEWER, the database was made by a newer Sparring.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self._writer = open_engine(url, writer=True)
        self._readers = open_engine(url, writer=False, connections=READERS)
        if create:
            with refusing():
                bring_up_to_date(self._writer)

    def write(self, work: Callable[[Tables], Result]) -> Result:
        """See `Database.write`."""
        return _within(self._writer, work, locking=True)

    def read(self, work: Callable[[Tables], Result]) -> Result:
        """See `Database.read`."""
        return _within(self._readers, work, locking=False)

    def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()


def _within(engine: Engine, work: Callable[[Tables], Result], *, locking: bool) -> Result:
    with refusing(), engine.begin() as connection:
        return work(_tables(connection, locking))


def _tables(connection: Connection, locking: bool) -> Tables:
    return Tables(
        SqlRunStore(connection, locking=locking),
        SqlPhaseStore(connection),
        SqlEpisodeStore(connection),
        SqlBrainStateStore(connection),
        SqlFaultStore(connection),
    )


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Turn failures of the database into our errors."""
    try:
        yield
    except DBAPIError as error:
        refused = refusal(error)
        if refused is None:
            raise
        raise refused from error
