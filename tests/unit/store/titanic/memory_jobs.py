"""The `JobDatabase` port in memory: the same rules as in SQL, nothing durable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from sparring.store.titanic.job import FARTHEST_NS, Job, State
from sparring.store.titanic.orders import Load
from sparring.store.titanic.port import JobStore

Result = TypeVar("Result")


class Row(NamedTuple):
    job: Job
    body: bytes
    reply: bytes = b""


class MemoryJobDatabase:
    """Rows in a dictionary; `write` is undone if it raises."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def write(self, work: Callable[[JobStore], Result]) -> Result:
        rows = dict(self.rows)
        result = work(MemoryJobStore(rows))
        self.rows = rows
        return result

    def read(self, work: Callable[[JobStore], Result]) -> Result:
        return work(MemoryJobStore(dict(self.rows)))

    def close(self) -> None:
        """There is nothing to release."""


class MemoryJobStore:
    def __init__(self, rows: dict[str, Row]) -> None:
        self._rows = rows

    def insert(self, job: Job, body: bytes) -> None:
        self._rows[job.job] = Row(job, body)

    def find(self, job: str) -> Job | None:
        found = self._rows.get(job)
        return None if found is None else found.job

    def with_token(self, client_token: str) -> Job | None:
        return next((row.job for row in self._rows.values() if row.job.client_token == client_token), None)

    def load(self) -> Load:
        jobs = [row.job for row in self._rows.values()]
        return Load(sum(job.state.open for job in jobs), len(jobs), sum(job.size_bytes for job in jobs))

    def body(self, job: str) -> bytes:
        return self._rows[job].body

    def reply(self, job: str) -> bytes:
        return self._rows[job].reply

    def save(self, job: Job, *, reply: bytes | None = None) -> None:
        row = self._rows[job.job]
        row = row._replace(job=job, reply=row.reply if reply is None else reply)
        self._rows[job.job] = Row(job, b"") if job.state is State.CLOSED else row

    def delete(self, job: str) -> None:
        self._rows.pop(job, None)

    def page(self, service: str, ended: bool, limit: int) -> Sequence[Job]:
        jobs = [row.job for row in reversed(self._rows.values()) if row.job.state is not State.CLOSED]
        jobs = [job for job in jobs if service in ("", job.service) and (ended or job.state.open)]
        return jobs[:limit]

    def due_services(self, now_ns: int) -> Collection[str]:
        return {row.job.service for row in self._rows.values() if _due(row.job, now_ns)}

    def due(self, service: str, now_ns: int, limit: int) -> Sequence[Job]:
        jobs = [row.job for row in self._rows.values() if row.job.service == service and _due(row.job, now_ns)]
        return jobs[:limit]

    def renew(self, owner: str, lease_until_ns: int, jobs: Collection[str] | None = None) -> None:
        for name, row in self._rows.items():
            if row.job.state is State.RUNNING and row.job.owner == owner and (jobs is None or name in jobs):
                self._rows[name] = row._replace(job=replace(row.job, lease_until_ns=lease_until_ns))

    def expired(self, now_ns: int, limit: int) -> Sequence[Job]:
        jobs = [row.job for row in self._rows.values()]
        return [job for job in jobs if job.expires_ns < now_ns and job.state is not State.RUNNING][:limit]


def _due(job: Job, now_ns: int) -> bool:
    at_ns = job.lease_until_ns if job.state is State.RUNNING else job.due_ns
    return job.state.open and not now_ns < at_ns <= now_ns + FARTHEST_NS
