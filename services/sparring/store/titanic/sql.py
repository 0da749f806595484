"""Jobs in the store's database, over connections of their own: a request never waits for a batch of steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from sparring.store.refusals import store_busy
from sparring.store.sql.connection import open_engine
from sparring.store.sql.database import refusing
from sparring.store.sql.migration import bring_up_to_date
from sparring.store.sql.schema import JOBS
from sparring.store.titanic.job import FARTHEST_NS, OPEN, Failure, Job, State
from sparring.store.titanic.orders import Load
from sparring.store.titanic.port import JobStore

Result = TypeVar("Result")

_C: Final = JOBS.c
_PLAIN: Final = tuple(name for name in Job.__dataclass_fields__ if name not in ("failure", "state", "client_token"))
_FAILURE: Final = ("failure_code", "failure_message", "failure_details")
_COLUMNS: Final = [_C[name] for name in (*_PLAIN, "state", "client_token", *_FAILURE)]
_OPEN: Final = [state.value for state in OPEN]
_LOOKED_AT: Final = (State.QUEUED.value, State.WAITING.value)


class SqlJobDatabase:
    """A database reached by SQLAlchemy.

    Args:
        url: as in `SqlDatabase`.

    Raises:
        InvalidArgumentError: BAD_DATABASE_URL.
        FailedPreconditionError: SCHEMA_NEWER.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, writer=True)
        self._reader = open_engine(url, writer=False)
        with refusing():
            bring_up_to_date(self._engine)

    def write(self, work: Callable[[JobStore], Result]) -> Result:
        """See `JobDatabase.write`."""
        return _within(self._engine, work, locking=True)

    def read(self, work: Callable[[JobStore], Result]) -> Result:
        """See `JobDatabase.read`."""
        return _within(self._reader, work, locking=False)

    def close(self) -> None:
        """Close all connections."""
        self._reader.dispose()
        self._engine.dispose()


def _within(engine: Engine, work: Callable[[JobStore], Result], *, locking: bool) -> Result:
    with refusing():
        try:
            with engine.begin() as connection:
                return work(SqlJobStore(connection, locking=locking))
        except IntegrityError as error:  # another store has the token since we looked; sent again, it is found
            raise store_busy("another store takes the same request") from error


class SqlJobStore:
    """Jobs in one transaction.

    Args:
        connection: which is in it.
        locking: keep others from changing what is read, to the end; SQLite's writers exclude each other anyway.
    """

    def __init__(self, connection: Connection, *, locking: bool) -> None:
        self._connection = connection
        self._locking = locking

    def insert(self, job: Job, body: bytes) -> None:
        """See `JobStore.insert`."""
        self._connection.execute(insert(JOBS).values(**_row(job), body=body, reply=b""))

    def find(self, job: str) -> Job | None:
        """See `JobStore.find`."""
        found = self._jobs(select(*_COLUMNS).where(_C.job == job))
        return found[0] if found else None

    def with_token(self, client_token: str) -> Job | None:
        """See `JobStore.with_token`."""
        found = self._jobs(select(*_COLUMNS).where(_C.client_token == client_token))
        return found[0] if found else None

    def load(self) -> Load:
        """See `JobStore.load`."""
        counted = select(_C.state, func.count(), func.sum(_C.size_bytes)).group_by(_C.state)
        rows = [tuple(row) for row in self._connection.execute(counted)]
        opened = sum(count for state, count, _ in rows if state in _OPEN)
        return Load(opened, sum(count for _, count, _ in rows), sum(int(size) for *_, size in rows))

    def body(self, job: str) -> bytes:
        """See `JobStore.body`."""
        return bytes(self._connection.execute(select(_C.body).where(_C.job == job)).scalar_one())

    def reply(self, job: str) -> bytes:
        """See `JobStore.reply`."""
        return bytes(self._connection.execute(select(_C.reply).where(_C.job == job)).scalar_one())

    def save(self, job: Job, *, reply: bytes | None = None) -> None:
        """See `JobStore.save`."""
        values = _row(job)
        if reply is not None:
            values["reply"] = reply
        if job.state is State.CLOSED:
            values |= {"body": b"", "reply": b""}
        self._connection.execute(update(JOBS).where(_C.job == job.job).values(**values))

    def delete(self, job: str) -> None:
        """See `JobStore.delete`."""
        self._connection.execute(delete(JOBS).where(_C.job == job))

    def page(self, service: str, ended: bool, limit: int) -> Sequence[Job]:
        """See `JobStore.page`."""
        states = [state.value for state in State if state is not State.CLOSED and (ended or state.open)]
        statement = select(*_COLUMNS).where(_C.state.in_(states)).order_by(_C.number.desc()).limit(limit)
        return self._jobs(statement.where(_C.service == service) if service else statement)

    def due_services(self, now_ns: int) -> Collection[str]:
        """See `JobStore.due_services`."""
        return list(self._connection.execute(select(_C.service).where(_due(now_ns)).distinct()).scalars())

    def due(self, service: str, now_ns: int, limit: int) -> Sequence[Job]:
        """See `JobStore.due`."""
        statement = select(*_COLUMNS).where(_C.service == service, _due(now_ns)).order_by(_C.number).limit(limit)
        return self._jobs(statement, skip_locked=True)

    def renew(self, owner: str, lease_until_ns: int, jobs: Collection[str] | None = None) -> None:
        """See `JobStore.renew`."""
        run = update(JOBS).where(_C.state == State.RUNNING.value, _C.owner == owner)
        run = run if jobs is None else run.where(_C.job.in_(list(jobs)))
        self._connection.execute(run.values(lease_until_ns=lease_until_ns))

    def expired(self, now_ns: int, limit: int) -> Sequence[Job]:
        """See `JobStore.expired`."""
        over = and_(_C.expires_ns < now_ns, _C.state != State.RUNNING.value)
        return self._jobs(select(*_COLUMNS).where(over).order_by(_C.number).limit(limit), skip_locked=True)

    def _jobs(self, statement: Any, *, skip_locked: bool = False) -> list[Job]:
        if self._locking:
            statement = statement.with_for_update(skip_locked=skip_locked)
        return [_job(row) for row in self._connection.execute(statement).mappings()]


def _due(now_ns: int) -> Any:
    """Return the condition: its time has come, or who ran it is not believed alive any more.

    What lies too far ahead was written down before the clock was set back.
    """
    ahead_ns = now_ns + FARTHEST_NS
    return or_(
        and_(_C.state.in_(_LOOKED_AT), or_(_C.due_ns <= now_ns, _C.due_ns > ahead_ns)),
        and_(_C.state == State.RUNNING.value, or_(_C.lease_until_ns < now_ns, _C.lease_until_ns > ahead_ns)),
    )


def _row(job: Job) -> dict[str, Any]:
    failure = job.failure or Failure(0, "")
    return {
        **{name: getattr(job, name) for name in _PLAIN},
        "state": job.state.value,
        "client_token": job.client_token or None,  # unique, but for those who have none
        **dict(zip(_FAILURE, (failure.code, failure.message, failure.details), strict=True)),
    }


def _job(row: RowMapping) -> Job:
    code, message, details = (row[name] for name in _FAILURE)
    return Job(
        **{name: row[name] for name in _PLAIN},
        state=State(row["state"]),
        client_token=row["client_token"] or "",
        failure=Failure(code, message, bytes(details)) if code else None,
    )
