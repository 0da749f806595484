"""What clients ask of Titanic: to keep a request, for its reply, to forget it; and what they may watch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final, NamedTuple

from sparring.store.changes import Changes
from sparring.store.titanic.disk import Disk
from sparring.store.titanic.job import Job, Order, State
from sparring.store.titanic.orders import Quota, check_order, check_room, check_same, make_job
from sparring.store.titanic.port import JobStore
from sparring.types.errors import NotFoundError

LOOK_EVERY_S: Final = 1.0
"""Changes by another process that uses the same store are noticed this late."""
LISTED: Final = 1000


class Reply(NamedTuple):
    """A job with its reply, which is empty unless it was answered well."""

    job: Job
    body: bytes


class Jobs:
    """The durable requests there are.

    Args:
        disk: keeps them.
        changes: tells those who watch.
        quota: how much is kept.
        clock_ns: wall time, nanoseconds since 1970 UTC.

    Attributes:
        news: set when there is something to be dispatched.
        dropped: told which jobs need not be carried out any more.
    """

    def __init__(self, disk: Disk, changes: Changes, quota: Quota, clock_ns: Callable[[], int]) -> None:
        self.news = asyncio.Event()
        self.dropped: Callable[[str], None] = lambda job: None
        self._disk = disk
        self._changes = changes
        self._quota = quota
        self._clock_ns = clock_ns

    async def submit(self, order: Order) -> Job:
        """Make a request durable; the same token is the same job, closed ones included.

        Raises:
            InvalidArgumentError: JOB_INVALID, TOKEN_REUSED.
            ExhaustedError: JOBS_FULL.
        """
        check_order(order)
        now_ns = self._clock_ns()

        def work(jobs: JobStore) -> Job:
            known = jobs.with_token(order.client_token) if order.client_token else None
            if known is not None:
                check_same(known, order)
                return known
            check_room(self._quota, jobs.load(), order)
            made = make_job(order, now_ns)
            jobs.insert(made, order.body)
            return made

        job = await self._disk.write(work)
        self.news.set()
        return job

    async def fetch(self, name: str) -> Reply:
        """Return a job, with its reply if it was answered well.

        Raises:
            NotFoundError: JOB_UNKNOWN; it was never there, or is not any more.
        """

        def work(jobs: JobStore) -> Reply:
            job = _known(jobs, name)
            well = job.state is State.ANSWERED and job.failure is None
            return Reply(job, jobs.reply(name) if well else b"")

        return await self._disk.read(work)

    async def close(self, name: str) -> None:
        """Delete request and reply, if they are there. What a client has a token for is remembered by its name."""
        now_ns = self._clock_ns()

        def work(jobs: JobStore) -> bool:
            job = jobs.find(name)
            if job is None or job.state is State.CLOSED:
                return False
            if job.client_token:
                jobs.save(job.closed(now_ns))
            else:
                jobs.delete(name)
            return job.state.open

        if await self._disk.write(work):
            self.dropped(name)
        self._changes.tell(frozenset({name}))

    async def cancel(self, name: str) -> Job:
        """Give up a job that has no reply; returns it as it stands.

        Raises:
            NotFoundError: JOB_UNKNOWN.
        """
        now_ns = self._clock_ns()

        def work(jobs: JobStore) -> tuple[Job, bool]:
            before = _known(jobs, name)
            after = before.cancelled(now_ns)
            if after is not before:
                jobs.save(after)
            return after, after is not before

        job, changed = await self._disk.write(work)
        if changed:
            self.dropped(name)
            self._changes.tell(frozenset({name}))
        return job

    async def page(self, service: str, *, ended: bool) -> Sequence[Job]:
        """Return jobs, newest first; of any service if that is empty."""
        return await self._disk.read(lambda jobs: jobs.page(service, ended, LISTED))

    async def watch(self, name: str) -> AsyncGenerator[Job]:
        """Yield a job as it stands, and after every change, until it has come to its end.

        Raises:
            NotFoundError: JOB_UNKNOWN.
        """
        told: Job | None = None
        with self._changes.of(name) as changed:
            while True:
                changed.clear()
                job = await self._disk.read(lambda jobs: _known(jobs, name))
                if told is None or _seen(job) != _seen(told):
                    told = job
                    yield job
                if not job.state.open:
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await changed.wait()


def _known(jobs: JobStore, name: str) -> Job:
    job = jobs.find(name)
    if job is None or job.state is State.CLOSED:
        raise NotFoundError(
            "JOB_UNKNOWN", f"There is no durable request {name}; it was closed, has expired, or never was.", job=name
        )
    return job


def _seen(job: Job) -> object:
    return job.state, job.attempts, job.failure
