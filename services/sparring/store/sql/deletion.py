"""Deletes what a database has of a run, so that nothing is left but its name, which is never given again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, insert, inspect

from sparring.store.runs import Run
from sparring.store.sql.connection import open_engine
from sparring.store.sql.database import refusing
from sparring.store.sql.runs import SqlRunStore
from sparring.store.sql.schema import BRAIN_STATES, EPISODES, EVENTS, FAULTS, PHASES, RECORDINGS, RUNS
from sparring.types.errors import FailedPreconditionError

_TABLES: Final = (BRAIN_STATES, FAULTS, EPISODES, RECORDINGS, PHASES, EVENTS, RUNS)
_STANDING: Final = [column.name for column in EVENTS.columns if column.name not in ("time_ns", "message", "revision")]


def delete_run(url: str, name: str, now_ns: int, within: Callable[[], None]) -> None:
    """Delete the rows of a run in one transaction.

    A stone is left in their place, an event number 0 that nobody is shown: a process that was frozen for long and
    still believes that it owns the run must not find another one of its name.

    Args:
        url: SQLAlchemy's, of the database.
        name: of the run.
        now_ns: wall time, nanoseconds since 1970 UTC.
        within: called before the transaction is durable; if it raises, nothing is deleted.

    Raises:
        NotFoundError: RUN_UNKNOWN.
        FailedPreconditionError: RUN_IN_PROGRESS.
        UnavailableError: STORE_BUSY or STORE_FULL.
    """
    engine = open_engine(url, writer=True)
    try:
        with refusing(), engine.begin() as connection:
            run = SqlRunStore(connection, locking=True).find(name)
            check_deletable(run, now_ns)
            there = inspect(connection).get_table_names()  # an older database has not all of them
            for table in (each for each in _TABLES if each.name in there):
                connection.execute(delete(table).where(table.c.run == name))
            standing = {key: getattr(run, key) for key in _STANDING}
            stone = insert(EVENTS).values(**standing, revision=0, time_ns=now_ns, message="Deleted.")
            connection.execute(stone)
            within()
    finally:
        engine.dispose()


def check_deletable(run: Run, now_ns: int) -> None:
    """Refuse a run that somebody carries out.

    Raises:
        FailedPreconditionError: RUN_IN_PROGRESS.
    """
    if run.status.terminal or run.can_be_claimed(now_ns):
        return
    raise FailedPreconditionError(
        "RUN_IN_PROGRESS",
        f"Run {run.run} is {run.status}, and {run.governor} carries it out; cancel it, or wait for its end.",
        run=run.run,
        governor=run.governor,
    )
