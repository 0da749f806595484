"""The dispatcher with a carrier that does what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from sparring.rpc.status import to_status
from sparring.store.titanic.dispatch import Attempt
from sparring.store.titanic.dispatcher import ROOM_OF_ONE, Dispatcher
from sparring.store.titanic.job import Job, Order, State
from sparring.store.titanic.jobs import Jobs
from sparring.store.titanic.orders import Quota
from sparring.types.errors import (
    AbortedError,
    DeadlineError,
    ExhaustedError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    SparringError,
    UnavailableError,
)
from tests.support.eventually import eventually
from tests.unit.store.titanic.conftest import Kept


@dataclass
class FakeCarrier:
    """Carries nothing: it fails with what is listed, and waits for `gate`."""

    there: bool = True
    unknown: Exception | None = None
    fails: list[SparringError] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    carried: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    async def available(self, service: str) -> bool:
        self.asked += 1
        if self.unknown is not None:
            raise self.unknown
        return self.there

    async def carry(self, attempt: Attempt) -> bytes:
        self.carried.append(attempt.job.job)
        if self.fails:
            raise self.fails.pop(0)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(attempt.job.job)
            raise
        return attempt.body * 2


@pytest.fixture
async def carrier(kept: Kept) -> AsyncIterator[FakeCarrier]:
    made = FakeCarrier()
    dispatcher = Dispatcher(kept.dispatch(), kept.jobs, made, look_every_s=0.01, renew_every_s=0.01)
    running = asyncio.ensure_future(dispatcher.run())
    yield made
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def submit(kept: Kept, body: bytes = b"x", service: str = "echo") -> str:
    return (await kept.jobs.submit(Order(service, "", body, max_attempts=3))).job


async def job(kept: Kept, name: str, state: State) -> Job:
    """Wait until a job is in a state."""

    async def found() -> Job | None:
        reached = (await kept.jobs.fetch(name)).job
        return reached if reached.state is state else None

    return await eventually(found)


async def test_a_job_is_carried_out_when_there_is_a_worker(kept: Kept, carrier: FakeCarrier) -> None:
    carrier.there = False
    name = await submit(kept)
    assert (await job(kept, name, State.WAITING)).attempts == 0
    assert carrier.carried == []
    carrier.there = True
    carrier.gate.set()
    assert (await job(kept, name, State.ANSWERED)).attempts == 1
    assert (await kept.jobs.fetch(name)).body == b"xx"
    assert carrier.carried == [name]


async def test_nothing_is_attempted_while_no_broker_can_be_asked(kept: Kept, carrier: FakeCarrier) -> None:
    carrier.unknown = UnavailableError("UNAVAILABLE", "no broker")
    name = await submit(kept)
    await eventually(lambda: carrier.asked > 3)
    assert (await kept.jobs.fetch(name)).job.attempts == 0


async def test_whatever_goes_wrong_once_later_requests_are_carried_out(kept: Kept, carrier: FakeCarrier) -> None:
    carrier.unknown = ValueError("nobody thought of this")
    name = await submit(kept)
    await eventually(lambda: carrier.asked > 1)
    carrier.unknown = None
    carrier.gate.set()
    await job(kept, name, State.ANSWERED)


async def test_a_process_that_was_frozen_carries_its_jobs_out_once(kept: Kept, carrier: FakeCarrier) -> None:
    name = await submit(kept)
    await eventually(lambda: carrier.carried)
    kept.clock.advance(3600)
    asked = carrier.asked
    other = await submit(kept)
    await eventually(lambda: other in carrier.carried and carrier.asked > asked)
    carrier.gate.set()
    assert (await job(kept, name, State.ANSWERED)).attempts == 1
    assert carrier.carried == [name, other]


@pytest.mark.parametrize("kind", [UnavailableError, AbortedError, DeadlineError, ExhaustedError])
async def test_passing_failures_are_put_off(kept: Kept, carrier: FakeCarrier, kind: type[SparringError]) -> None:
    carrier.fails = [kind("BUSY", "not now")]
    name = await submit(kept)
    await eventually(lambda: carrier.carried)
    assert (await job(kept, name, State.QUEUED)).attempts == 1
    carrier.gate.set()
    kept.clock.advance(60)
    assert (await job(kept, name, State.ANSWERED)).attempts == 2


@pytest.mark.parametrize("kind", [InvalidArgumentError, NotFoundError, InternalError])
async def test_other_errors_are_the_reply(kept: Kept, carrier: FakeCarrier, kind: type[SparringError]) -> None:
    error = kind("NO_GOOD", "never")
    carrier.fails = [error]
    name = await submit(kept)
    refused = await job(kept, name, State.ANSWERED)
    code, message, details = to_status(error)
    assert refused.failure is not None
    assert (refused.failure.code, refused.failure.message, refused.failure.details) == (code.value[0], message, details)
    assert refused.attempts == 1


async def test_a_worker_that_went_away_in_between_is_no_attempt(kept: Kept, carrier: FakeCarrier) -> None:
    carrier.fails = [UnavailableError("SERVICE_ABSENT", "nobody")]
    carrier.gate.set()
    name = await submit(kept)
    assert (await job(kept, name, State.ANSWERED)).attempts == 1
    assert carrier.carried == [name, name]


async def test_what_is_cancelled_or_closed_is_not_carried_on(kept: Kept, carrier: FakeCarrier) -> None:
    first, second = await submit(kept), await submit(kept)
    await eventually(lambda: len(carrier.carried) == 2)
    await kept.jobs.cancel(first)
    await kept.jobs.close(second)
    await eventually(lambda: sorted(carrier.cancelled) == sorted([first, second]))


async def test_a_service_that_hangs_keeps_nobody_else_waiting(kept: Kept, carrier: FakeCarrier) -> None:
    jobs = Jobs(kept.disk, kept.changes, Quota(), kept.clock)  # with room for more than one service may take
    for _ in range(ROOM_OF_ONE + 1):
        await jobs.submit(Order("hangs", "", b"x"))
    await eventually(lambda: len(carrier.carried) == ROOM_OF_ONE)
    other = (await jobs.submit(Order("echo", "", b"x"))).job
    await eventually(lambda: other in carrier.carried)
    assert len(carrier.carried) == ROOM_OF_ONE + 1
