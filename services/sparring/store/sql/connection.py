"""Connections to the database: durable at commit, one writer, readers beside it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from sparring.store.refusals import database_damaged, store_busy, store_full
from sparring.types.errors import InvalidArgumentError, SparringError

BUSY_TIMEOUT_S: Final = 5.0
"""How long a writer waits for one of another process."""

# Durable means durable: FULL writes the log through at every commit. A checkpoint every 4 MiB or so.
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}",
)


def open_engine(url: str, *, writer: bool, connections: int = 1) -> Engine:
    """Return the engine of the writer's thread, or of the readers.

    Raises:
        InvalidArgumentError: BAD_DATABASE_URL.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_size=connections, max_overflow=0, pool_pre_ping=True)
        engine = create_engine(parsed, pool_size=connections, max_overflow=0)
    except Exception as error:  # a bad URL, a dialect or a driver that is not there: many classes
        raise InvalidArgumentError(
            "BAD_DATABASE_URL", f"The database {url!r} cannot be opened: {error}.", url=url
        ) from error
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: _begin(connection, begin))
    return engine


def refusal(error: DBAPIError) -> SparringError | None:
    """Return what a failure of the database means to callers; None if it is a bug of ours."""
    text = str(error.orig)
    if "malformed" in text or "not a database" in text:
        return database_damaged(text)
    if "full" in text and "disk" in text:
        return store_full(text)
    if "no such" in text:  # SQLite names tables and columns so; sending again does not bring them
        return None
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return store_busy(text)
    return None


def _prepare(connection: Any, _: object) -> None:
    # The driver would begin transactions by itself, and not as we need them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
