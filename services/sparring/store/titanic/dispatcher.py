"""The dispatcher: carries jobs out when there are workers for them, at least once each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Coroutine
from typing import Final, Protocol

import grpc

from sparring.rpc.status import to_status
from sparring.rpc.tasks import Tasks
from sparring.store.titanic.dispatch import Attempt, Dispatch
from sparring.store.titanic.job import Failure
from sparring.store.titanic.jobs import Jobs
from sparring.types.errors import AbortedError, DeadlineError, ExhaustedError, SparringError, UnavailableError

ROOM: Final = 32
ROOM_OF_ONE: Final = 8
"""How many jobs of one service are carried out at once: a service that hangs keeps nobody else waiting."""
SWEEP_EVERY_S: Final = 30.0
PASSING: Final = (UnavailableError, AbortedError, DeadlineError, ExhaustedError)
"""The same request may succeed later; every other error is the worker's answer."""

_log = logging.getLogger(__name__)


class Carrier(Protocol):
    """Carries requests to workers."""

    async def available(self, service: str) -> bool:
        """Ask whether a worker of a service is registered (mmi.service).

        Raises:
            SparringError: nobody could be asked.
        """

    async def carry(self, attempt: Attempt) -> bytes:
        """Have a request carried out, under the job's name; returns the reply.

        Raises:
            SparringError: of the worker, or of the way to it.
        """


class Dispatcher:
    """Looks for jobs and carries them out, side by side.

    Args:
        dispatch: what is written down.
        jobs: tells when there is something new, and what need not be carried out any more.
        carrier: carries them.
        look_every_s: how often to look whether a worker has come.
        renew_every_s: how often to say that this dispatcher lives.
    """

    def __init__(
        self, dispatch: Dispatch, jobs: Jobs, carrier: Carrier, *, look_every_s: float, renew_every_s: float
    ) -> None:
        self._dispatch = dispatch
        self._jobs = jobs
        self._carrier = carrier
        self._look_every_s = look_every_s
        self._renew_every_s = renew_every_s
        self._running: dict[str, asyncio.Task[None]] = {}
        self._of_service: Counter[str] = Counter()
        jobs.dropped = self._drop

    async def run(self) -> None:
        """Dispatch until cancelled."""
        async with Tasks() as tasks:
            tasks.start(self._renew(), "titanic leases")
            tasks.start(self._sweep(), "titanic sweeper")
            while True:
                self._jobs.news.clear()
                try:
                    for service in await self._dispatch.wanted():
                        await self._serve(service, tasks)
                except SparringError as error:
                    _log.warning("cannot look for durable requests: %s", error)
                except Exception:  # whatever it is, requests that come later are not to wait for a restart
                    _log.exception("looking for durable requests failed")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._look_every_s):
                        await self._jobs.news.wait()

    async def _serve(self, service: str, tasks: Tasks) -> None:
        room = min(ROOM - len(self._running), ROOM_OF_ONE - self._of_service[service])
        if room <= 0:
            return
        try:
            available = await self._carrier.available(service)
        except SparringError as error:
            _log.info("nobody can say whether there is a worker of %s: %s", service, error)
            return
        if not available:
            await self._dispatch.wait(service, tuple(self._running))
            return
        for attempt in await self._dispatch.take(service, room, tuple(self._running)):
            self._of_service[service] += 1
            tasks.start(self._carry(attempt), f"job {attempt.job.job}")

    async def _carry(self, attempt: Attempt) -> None:
        job = attempt.job
        task = asyncio.current_task()
        assert task is not None
        self._running[job.job] = task
        try:
            await self._carried(attempt)
        except SparringError as error:
            _log.warning("what became of job %s could not be kept: %s", job.job, error)
        finally:
            del self._running[job.job]
            self._of_service[job.service] -= 1
            self._of_service += Counter()  # forgets those at nought
            self._jobs.news.set()  # there is room now

    async def _carried(self, attempt: Attempt) -> None:
        job = attempt.job
        try:
            reply = await self._carrier.carry(attempt)
        except PASSING as error:
            if error.reason == "SERVICE_ABSENT":
                await self._dispatch.absent(job)
                return
            _log.info("attempt %d of job %s failed: %s", job.attempts, job.job, error)
            await self._dispatch.failed(job, failure_of(error))
        except SparringError as error:
            await self._dispatch.refused(job, failure_of(error))
        else:
            await self._dispatch.answered(job, reply)

    def _drop(self, job: str) -> None:
        task = self._running.get(job)
        if task is not None:
            task.cancel()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            if self._running:
                await _kept_up(self._dispatch.renew(tuple(self._running)))  # again, long before the lease lapses

    async def _sweep(self) -> None:
        while True:
            await _kept_up(self._dispatch.sweep())
            await asyncio.sleep(SWEEP_EVERY_S)


async def _kept_up(work: Coroutine[None, None, None]) -> None:
    """Do something that is done again anyway, whatever comes of it this time."""
    try:
        await work
    except SparringError as error:
        _log.info("durable requests: %s", error)
    except Exception:
        _log.exception("keeping durable requests up failed")


def failure_of(error: SparringError) -> Failure:
    """Write an error as a gRPC status."""
    code, message, details = to_status(error)
    number: int = code.value[0]
    assert number != grpc.StatusCode.OK.value[0]
    return Failure(number, message, details)
