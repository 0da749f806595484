"""Runs and their events in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, or_, select, update

from sparring.store.naming import run_name
from sparring.store.refusals import run_unknown
from sparring.store.runs import Run, RunEvent, State, Status, Submission
from sparring.store.sql.schema import EVENTS, RUNS

_FIXED: Final = ("run", "uid", "seed", "deterministic", "created_ns")
_STANDING: Final = tuple(name for name in Run.__dataclass_fields__ if name not in _FIXED)
_RUN: Final = [RUNS.c[name] for name in (*_FIXED, *_STANDING)]
_EVENT: Final = [*(RUNS.c[name] for name in _FIXED), *(EVENTS.c[name] for name in _STANDING)]
_SUBMISSION: Final = [RUNS.c[name] for name in Submission.__dataclass_fields__]

# Prepared, because they run with every group of commits.
_FIND: Final = select(*_RUN).where(RUNS.c.run == bindparam("named"))
_FIND_LOCKED: Final = _FIND.with_for_update()
_COUNT_UP: Final = (
    update(RUNS).where(RUNS.c.run == bindparam("named")).values(revision=RUNS.c.revision + bindparam("events"))
)

_ENDED: Final = [status.value for status in Status if status.terminal]


class SqlRunStore:
    """Runs in one transaction.

    Args:
        connection: which is in it.
        locking: keep others from changing what is read, to the end; SQLite's writers exclude each other anyway.
    """

    def __init__(self, connection: Connection, *, locking: bool) -> None:
        self._connection = connection
        self._locking = locking

    def insert(self, base: str, submission: Submission, now_ns: int) -> Run:
        """See `RunStore.insert`."""
        highest = select(func.max(RUNS.c.counter)).where(RUNS.c.base == base)
        counter = (self._connection.execute(highest).scalar() or 0) + 1
        while self._was_given(run_name(base, counter)):
            counter += 1  # another base with a number at its end has taken the name, or a run that was deleted had it
        run = Run(run_name(base, counter), submission.uid, submission.seed, submission.deterministic, now_ns)
        values = {name: getattr(submission, name) for name in Submission.__dataclass_fields__}
        self._connection.execute(
            insert(RUNS).values(**values, run=run.run, base=base, counter=counter, created_ns=now_ns, **_standing(run))
        )
        return self.save(run, f"Submitted {submission.file_name or submission.uid}.", now_ns)

    def with_token(self, client_token: str) -> Run | None:
        """See `RunStore.with_token`."""
        return _maybe_run(self._one(_RUN, RUNS.c.client_token == client_token))

    def find(self, run: str) -> Run:
        """See `RunStore.find`."""
        statement = _FIND_LOCKED if self._locking else _FIND
        row = self._connection.execute(statement, {"named": run}).mappings().one_or_none()
        if row is None:
            raise run_unknown(run)
        return _run(row)

    def latest(self) -> Run | None:
        """See `RunStore.latest`."""
        newest = select(*_RUN).order_by(RUNS.c.number.desc()).limit(1)
        return _maybe_run(self._connection.execute(newest).mappings().one_or_none())

    def latest_finished(self, uid: str) -> Run | None:
        """See `RunStore.latest_finished`."""
        finished = select(*_RUN).where(RUNS.c.uid == uid, RUNS.c.status == Status.FINISHED.value)
        newest = finished.order_by(RUNS.c.number.desc()).limit(1)
        return _maybe_run(self._connection.execute(newest).mappings().one_or_none())

    def submission(self, run: str) -> Submission:
        """See `RunStore.submission`."""
        row = self._one(_SUBMISSION, RUNS.c.run == run)
        if row is None:
            raise run_unknown(run)
        return Submission(**row)

    def page(self, before: int | None, size: int) -> list[tuple[int, Run]]:
        """See `RunStore.page`."""
        statement = select(RUNS.c.number, *_RUN).order_by(RUNS.c.number.desc()).limit(size)
        if before is not None:
            statement = statement.where(RUNS.c.number < before)
        return [(row["number"], _run(row)) for row in self._connection.execute(statement).mappings()]

    def claimable(self, now_ns: int, names: Sequence[str], limit: int) -> list[Run]:
        """See `RunStore.claimable`."""
        free = or_(RUNS.c.governor == "", RUNS.c.lease_until_ns < now_ns)
        statement = select(*_RUN).where(RUNS.c.status.not_in(_ENDED), free)
        if names:
            statement = statement.where(RUNS.c.run.in_(names))
        statement = statement.order_by(RUNS.c.number).limit(limit).with_for_update()
        return [_run(row) for row in self._connection.execute(statement).mappings()]

    def save(self, run: Run, message: str, now_ns: int) -> Run:
        """See `RunStore.save`."""
        saved = replace(run, revision=run.revision + 1)
        values = _standing(saved)
        self._connection.execute(update(RUNS).where(RUNS.c.run == run.run).values(**values))
        self._connection.execute(insert(EVENTS).values(run=run.run, time_ns=now_ns, message=message, **values))
        return saved

    def renew(self, run: Run) -> None:
        """See `RunStore.renew`."""
        lease = update(RUNS).where(RUNS.c.run == run.run).values(lease_until_ns=run.lease_until_ns)
        self._connection.execute(lease)

    def count_up(self, run: str, events: int) -> None:
        """See `RunStore.count_up`."""
        self._connection.execute(_COUNT_UP, {"named": run, "events": events})

    def events(self, run: str, after: int, limit: int) -> list[RunEvent]:
        """See `RunStore.events`."""
        statement = (
            select(EVENTS.c.time_ns, EVENTS.c.message, *_EVENT)
            .join(RUNS, RUNS.c.run == EVENTS.c.run)
            .where(EVENTS.c.run == run, EVENTS.c.revision > after)
            .order_by(EVENTS.c.revision)
            .limit(limit)
        )
        rows = self._connection.execute(statement).mappings()
        return [RunEvent(row["time_ns"], _run(row), row["message"]) for row in rows]

    def at(self, run: str, revision: int) -> Run:
        """See `RunStore.at`."""
        statement = (
            select(*_EVENT)
            .join(RUNS, RUNS.c.run == EVENTS.c.run)
            .where(EVENTS.c.run == run, EVENTS.c.revision <= revision)
            .order_by(EVENTS.c.revision.desc())
            .limit(1)
        )
        row = self._connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise run_unknown(run)
        return _run(row)

    def _was_given(self, name: str) -> bool:
        return self._connection.execute(select(EVENTS.c.run).where(EVENTS.c.run == name).limit(1)).first() is not None

    def _one(self, columns: Sequence[Any], condition: Any) -> RowMapping | None:
        return self._connection.execute(select(*columns).where(condition)).mappings().one_or_none()


def _standing(run: Run) -> dict[str, object]:
    """Return the columns of what changes in a run."""
    return {name: getattr(run, name) for name in _STANDING}


def _run(row: RowMapping) -> Run:
    values = {name: row[name] for name in (*_FIXED, *_STANDING)}
    return Run(**{**values, "status": Status(values["status"]), "state": State(values["state"])})


def _maybe_run(row: RowMapping | None) -> Run | None:
    return None if row is None else _run(row)
