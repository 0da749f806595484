"""What the dispatcher writes down: attempts before they begin, and what became of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from sparring.store.changes import Changes
from sparring.store.titanic.disk import Disk
from sparring.store.titanic.job import Failure, Job, State
from sparring.store.titanic.port import JobStore

FIRST_PAUSE_NS: Final = 200_000_000
MOST_PAUSE_NS: Final = 30_000_000_000
KEEP_EXPIRED_NS: Final = 24 * 3600 * 10**9
"""A job that nobody carried out in time can be asked about for so long."""
_SWEPT: Final = 100


class Attempt(NamedTuple):
    """A job that has been taken, and its request."""

    job: Job
    body: bytes


class Dispatch:
    """One dispatcher's view of the jobs. Late results are fenced: only the attempt that is noted down counts.

    Args:
        disk: keeps them.
        changes: tells those who watch.
        owner: the dispatcher's name, made once per process.
        lease_ns: how long it is believed alive without renewing.
        clock_ns: wall time, nanoseconds since 1970 UTC.
        rng: of the jitter.
    """

    def __init__(
        self,
        disk: Disk,
        changes: Changes,
        owner: str,
        lease_ns: int,
        clock_ns: Callable[[], int],
        rng: random.Random | None = None,
    ) -> None:
        self._disk = disk
        self._changes = changes
        self._owner = owner
        self._lease_ns = lease_ns
        self._clock_ns = clock_ns
        self._rng = rng or random.Random()

    async def wanted(self) -> Collection[str]:
        """Return the services of jobs that may be dispatched now."""
        now_ns = self._clock_ns()
        return await self._disk.read(lambda jobs: jobs.due_services(now_ns))

    async def take(self, service: str, limit: int, running: Collection[str] = ()) -> list[Attempt]:
        """Begin attempts, oldest first: they are counted, durably, before anybody is asked.

        Jobs that this dispatcher is `running` are left to the attempt there is, also where their leases have lapsed:
        the process was held up, or the clock was set.
        """
        now_ns = self._clock_ns()

        def work(jobs: JobStore) -> tuple[list[Attempt], list[str]]:
            attempts, changed = [], []
            due = [job for job in jobs.due(service, now_ns, limit + len(running)) if job.job not in running]
            for job in due[:limit]:
                taken = job.taken(self._owner, now_ns, self._lease_ns)
                jobs.save(taken)
                changed.append(job.job)
                if taken.state is State.RUNNING:
                    attempts.append(Attempt(taken, jobs.body(job.job)))
            return attempts, changed

        attempts, changed = await self._disk.write(work)
        self._changes.tell(frozenset(changed))
        return attempts

    async def wait(self, service: str, running: Collection[str] = ()) -> None:
        """Note that a service has no worker, once for each job; not for those that are `running` here."""
        now_ns = self._clock_ns()

        def due(jobs: JobStore) -> list[Job]:
            due = jobs.due(service, now_ns, _SWEPT)
            return [job for job in due if job.state is not State.WAITING and job.job not in running]

        def work(jobs: JobStore) -> list[str]:
            waiting = due(jobs)
            for job in waiting:
                jobs.save(job.waiting())
            return [job.job for job in waiting]

        if await self._disk.read(due):
            self._changes.tell(frozenset(await self._disk.write(work)))

    async def renew(self, running: Collection[str]) -> None:
        """Say that this dispatcher lives, and still runs these jobs; any other one of its own is free in a while."""
        until_ns = self._clock_ns() + self._lease_ns
        await self._disk.write(lambda jobs: jobs.renew(self._owner, until_ns, running))

    async def leave(self) -> None:
        """Say that this dispatcher carries nothing out any more."""
        await self._disk.write(lambda jobs: jobs.renew(self._owner, 0))

    async def answered(self, taken: Job, reply: bytes) -> None:
        """Keep the reply."""
        await self._settle(taken, lambda job, now_ns: job.answered(now_ns, len(reply)), reply)

    async def refused(self, taken: Job, failure: Failure) -> None:
        """Keep a refusal, which is the reply."""
        await self._settle(taken, lambda job, now_ns: job.answered(now_ns, 0, failure))

    async def failed(self, taken: Job, failure: Failure) -> None:
        """Put a job off after an attempt that failed for a passing reason, or give it up after the last."""
        limit_ns = min(FIRST_PAUSE_NS << (taken.attempts - 1), MOST_PAUSE_NS)
        pause_ns = self._rng.randint(limit_ns // 2, limit_ns)
        await self._settle(taken, lambda job, now_ns: job.put_off(failure, now_ns, pause_ns))

    async def absent(self, taken: Job) -> None:
        """Give a job back: there was no worker after all."""
        await self._settle(taken, lambda job, now_ns: job.given_back())

    async def sweep(self) -> None:
        """Forget what has expired."""
        now_ns = self._clock_ns()

        def work(jobs: JobStore) -> list[str]:
            expired = jobs.expired(now_ns, _SWEPT)
            for job in expired:
                left = job.expired(now_ns, KEEP_EXPIRED_NS)
                if left is None:
                    jobs.delete(job.job)
                else:
                    jobs.save(left)
            return [job.job for job in expired]

        self._changes.tell(frozenset(await self._disk.write(work)))

    async def _settle(self, taken: Job, become: Callable[[Job, int], Job], reply: bytes | None = None) -> None:
        now_ns = self._clock_ns()

        def work(jobs: JobStore) -> None:
            job = jobs.find(taken.job)
            if job is not None and job.is_run_by(self._owner, taken.attempts):
                jobs.save(become(job, now_ns), reply=reply)

        await self._disk.write(work)
        self._changes.tell(frozenset({taken.job}))
