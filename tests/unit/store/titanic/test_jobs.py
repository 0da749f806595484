"""What clients may ask of Titanic: the rules of RFC 9/TSP, over every implementation of the port."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing

import pytest

from sparring.store.titanic.job import Failure, Order, State
from sparring.store.titanic.orders import MOST_BODY_BYTES
from sparring.types.errors import ExhaustedError, InvalidArgumentError, NotFoundError
from tests.unit.store.titanic.conftest import Kept

DAY_S = 24 * 3600
REFUSED = Failure(3, "no such document", b"details")


def order(body: bytes = b"what", service: str = "echo", **given: object) -> Order:
    return Order(service, "/a.B/C", body, **given)  # type: ignore[arg-type]


async def answered(kept: Kept, name: str, reply: bytes = b"done") -> None:
    [attempt] = await kept.dispatch().take("echo", 1)
    assert attempt.job.job == name
    await kept.dispatch().answered(attempt.job, reply)


async def test_a_job_has_a_name_of_32_hexadecimal_digits_and_no_reply_yet(kept: Kept) -> None:
    job = await kept.jobs.submit(order())
    assert re.fullmatch(r"[0-9a-f]{32}", job.job)
    reply = await kept.jobs.fetch(job.job)
    assert (reply.job.state, reply.body) == (State.QUEUED, b"")


async def test_the_same_token_is_the_same_job(kept: Kept) -> None:
    first = await kept.jobs.submit(order(client_token="wish"))
    again = await kept.jobs.submit(order(client_token="wish"))
    other = await kept.jobs.submit(order(client_token="other"))
    assert first.job == again.job != other.job
    assert len(await kept.jobs.page("", ended=False)) == 2


async def test_without_a_token_every_request_is_another_job(kept: Kept) -> None:
    assert (await kept.jobs.submit(order())).job != (await kept.jobs.submit(order())).job


async def test_a_token_that_stood_for_something_else_is_refused(kept: Kept) -> None:
    await kept.jobs.submit(order(client_token="wish"))
    with pytest.raises(InvalidArgumentError) as caught:
        await kept.jobs.submit(order(b"another", client_token="wish"))
    assert caught.value.reason == "TOKEN_REUSED"


async def test_a_reply_is_there_as_often_as_it_is_asked_for(kept: Kept) -> None:
    job = await kept.jobs.submit(order())
    await answered(kept, job.job)
    for _ in range(3):
        reply = await kept.jobs.fetch(job.job)
        assert (reply.job.state, reply.body) == (State.ANSWERED, b"done")


async def test_a_refusal_is_a_reply_too(kept: Kept) -> None:
    job = await kept.jobs.submit(order())
    [attempt] = await kept.dispatch().take("echo", 1)
    await kept.dispatch().refused(attempt.job, REFUSED)
    reply = await kept.jobs.fetch(job.job)
    assert (reply.job.state, reply.job.failure, reply.body) == (State.ANSWERED, REFUSED, b"")


@pytest.mark.parametrize("token", ["", "wish"])
async def test_a_closed_job_is_unknown_and_may_be_closed_again(kept: Kept, token: str) -> None:
    job = await kept.jobs.submit(order(client_token=token))
    await answered(kept, job.job)
    for _ in range(2):
        await kept.jobs.close(job.job)
        with pytest.raises(NotFoundError) as caught:
            await kept.jobs.fetch(job.job)
        assert caught.value.reason == "JOB_UNKNOWN"
    assert await kept.jobs.page("", ended=True) == []


async def test_closing_what_never_was_is_fine(kept: Kept) -> None:
    await kept.jobs.close("0" * 32)


async def test_a_token_is_remembered_beyond_the_close_and_takes_no_room(kept: Kept) -> None:
    job = await kept.jobs.submit(order(bytes(100), client_token="wish"))
    await answered(kept, job.job, b"")
    await kept.jobs.close(job.job)
    again = await kept.jobs.submit(order(bytes(100), client_token="wish"))
    assert (again.job, again.state) == (job.job, State.CLOSED)
    assert await kept.dispatch().wanted() in ([], set())
    await kept.jobs.submit(order(bytes(100)))  # the room is free again


async def test_a_job_that_is_closed_while_it_runs_is_dropped(kept: Kept) -> None:
    dropped: list[str] = []
    kept.jobs.dropped = dropped.append
    job = await kept.jobs.submit(order())
    [attempt] = await kept.dispatch().take("echo", 1)
    await kept.jobs.close(job.job)
    await kept.dispatch().answered(attempt.job, b"late")
    assert dropped == [job.job]
    with pytest.raises(NotFoundError):
        await kept.jobs.fetch(job.job)


async def test_a_cancelled_job_is_never_carried_out(kept: Kept) -> None:
    job = await kept.jobs.submit(order())
    assert (await kept.jobs.cancel(job.job)).state is State.CANCELLED
    assert (await kept.jobs.cancel(job.job)).state is State.CANCELLED
    assert await kept.dispatch().take("echo", 1) == []


async def test_what_has_a_reply_cannot_be_cancelled_any_more(kept: Kept) -> None:
    job = await kept.jobs.submit(order())
    await answered(kept, job.job)
    assert (await kept.jobs.cancel(job.job)).state is State.ANSWERED


async def test_jobs_are_listed_newest_first(kept: Kept) -> None:
    names = [(await kept.jobs.submit(order(service=service))).job for service in ("echo", "other", "echo")]
    await answered(kept, names[0])
    assert [job.job for job in await kept.jobs.page("", ended=False)] == [names[2], names[1]]
    assert [job.job for job in await kept.jobs.page("echo", ended=True)] == [names[2], names[0]]


async def test_the_queue_is_bounded(kept: Kept) -> None:
    names = [(await kept.jobs.submit(order())).job for _ in range(3)]
    with pytest.raises(ExhaustedError) as caught:
        await kept.jobs.submit(order())
    assert caught.value.reason == "JOBS_FULL"
    await kept.jobs.cancel(names[0])
    await kept.jobs.submit(order())


async def test_what_is_kept_is_bounded(kept: Kept) -> None:
    for _ in range(5):
        await kept.jobs.cancel((await kept.jobs.submit(order())).job)
    with pytest.raises(ExhaustedError):
        await kept.jobs.submit(order())
    kept.clock.advance(8 * DAY_S)
    await kept.dispatch().sweep()
    await kept.jobs.submit(order())


async def test_bytes_are_bounded_with_those_of_replies(kept: Kept) -> None:
    job = await kept.jobs.submit(order(bytes(40)))
    await answered(kept, job.job, bytes(40))
    with pytest.raises(ExhaustedError):
        await kept.jobs.submit(order(bytes(21)))
    await kept.jobs.submit(order(bytes(20)))


@pytest.mark.parametrize(
    "wrong",
    [
        order(service=""),
        order(service="mmi.service"),
        order(service="titanic.request"),
        order(service="two\nlines"),
        Order("echo", "no method", b""),
        order(max_attempts=101),
        order(timeout_ns=0),
        order(keep_ns=31 * DAY_S * 10**9),
        order(client_token="x" * 257),
        order(bytes(MOST_BODY_BYTES + 1)),
    ],
    ids=lambda wrong: f"{wrong.service} {wrong.method} {len(wrong.body)} {wrong.max_attempts} {wrong.timeout_ns}",
)
async def test_what_can_never_work_is_refused(kept: Kept, wrong: Order) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await kept.jobs.submit(wrong)
    assert caught.value.reason == "JOB_INVALID"
    assert await kept.jobs.page("", ended=True) == []


async def test_a_reply_is_forgotten_when_its_time_is_over(kept: Kept) -> None:
    job = await kept.jobs.submit(order(client_token="wish"))
    await answered(kept, job.job)
    kept.clock.advance(8 * DAY_S)
    await kept.dispatch().sweep()
    with pytest.raises(NotFoundError):
        await kept.jobs.fetch(job.job)


async def test_what_nobody_carried_out_in_time_is_given_up_and_says_so(kept: Kept) -> None:
    job = await kept.jobs.submit(order())
    kept.clock.advance(8 * DAY_S)
    await kept.dispatch().sweep()
    given_up = (await kept.jobs.fetch(job.job)).job
    assert given_up.state is State.FAILED
    assert given_up.failure is not None
    assert given_up.failure.message == "It was not carried out in time: no worker of echo came"
    kept.clock.advance(2 * DAY_S)
    await kept.dispatch().sweep()
    with pytest.raises(NotFoundError):
        await kept.jobs.fetch(job.job)


async def test_a_job_is_watched_to_its_end(kept: Kept) -> None:
    job = await kept.jobs.submit(order())
    seen: list[State] = []
    async with asyncio.timeout(20), aclosing(kept.jobs.watch(job.job)) as states:
        async for state in states:
            seen.append(state.state)
            if state.state is State.QUEUED:
                await kept.dispatch().wait("echo")
            elif state.state is State.WAITING:
                await answered(kept, job.job)
    assert seen == [State.QUEUED, State.WAITING, State.ANSWERED]
