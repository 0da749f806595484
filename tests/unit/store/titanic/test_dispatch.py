"""Attempts: counted before they begin, bounded, fenced, and made anew when their dispatcher is lost."""

from __future__ import annotations

import pytest

from sparring.store.titanic.job import Failure, Order, State
from sparring.store.titanic.orders import make_job
from sparring.types.errors import UnavailableError
from tests.unit.store.titanic.conftest import Kept

LOST = Failure(14, "the worker was lost")
ORDER = Order("echo", "/a.B/C", b"what", max_attempts=3)


async def state(kept: Kept, name: str) -> tuple[State, int]:
    job = (await kept.jobs.fetch(name)).job
    return job.state, job.attempts


async def test_an_attempt_is_counted_before_it_begins(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    [attempt] = await kept.dispatch().take("echo", 1)
    assert (attempt.job.attempts, attempt.body) == (1, b"what")
    assert await state(kept, job.job) == (State.RUNNING, 1)


async def test_jobs_are_taken_oldest_first_and_once(kept: Kept) -> None:
    names = [(await kept.jobs.submit(ORDER)).job for _ in range(3)]
    assert [each.job.job for each in await kept.dispatch("first").take("echo", 2)] == names[:2]
    assert [each.job.job for each in await kept.dispatch("second").take("echo", 2)] == names[2:]


async def test_a_job_of_a_dispatcher_that_renews_stays_its_own(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    await kept.dispatch("first").take("echo", 1)
    for _ in range(3):
        kept.clock.advance(5)
        await kept.dispatch("first").renew([job.job])
        assert await kept.dispatch("second").take("echo", 1) == []


async def test_a_job_that_its_dispatcher_has_lost_sight_of_is_attempted_again(kept: Kept) -> None:
    lost, other = [(await kept.jobs.submit(ORDER)).job for _ in range(2)]
    await kept.dispatch("first").take("echo", 2)
    for _ in range(2):
        kept.clock.advance(5)
        await kept.dispatch("first").renew([other])
    [again] = await kept.dispatch("first").take("echo", 2, [other])
    assert (again.job.job, again.job.attempts) == (lost, 2)


async def test_a_dispatcher_that_was_held_up_goes_on_with_the_attempt_there_is(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    [attempt] = await kept.dispatch().take("echo", 1)
    kept.clock.advance(3600)  # the process was frozen, or the clock was set
    assert await kept.dispatch().take("echo", 1, [job.job]) == []
    await kept.dispatch().wait("echo", [job.job])
    await kept.dispatch().answered(attempt.job, b"once")
    assert await state(kept, job.job) == (State.ANSWERED, 1)


async def test_a_clock_that_is_set_back_keeps_no_job_waiting(kept: Kept) -> None:
    names = [(await kept.jobs.submit(ORDER)).job for _ in range(2)]
    await kept.dispatch("killed").take("echo", 1)
    kept.clock.advance(-3600)
    assert [each.job.job for each in await kept.dispatch("next").take("echo", 2)] == names


async def test_a_job_of_a_lost_dispatcher_is_attempted_again_and_the_first_result_is_fenced(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    [first] = await kept.dispatch("first").take("echo", 1)
    kept.clock.advance(6.1)
    assert list(await kept.dispatch("second").wanted()) == ["echo"]
    [second] = await kept.dispatch("second").take("echo", 1)
    await kept.dispatch("first").answered(first.job, b"late")
    assert await state(kept, job.job) == (State.RUNNING, 2)
    await kept.dispatch("second").answered(second.job, b"done")
    assert (await kept.jobs.fetch(job.job)).body == b"done"


async def test_one_that_leaves_hands_its_jobs_over_at_once(kept: Kept) -> None:
    await kept.jobs.submit(ORDER)
    await kept.dispatch("first").take("echo", 1)
    await kept.dispatch("first").leave()
    [attempt] = await kept.dispatch("second").take("echo", 1)
    assert attempt.job.attempts == 2


async def test_a_failed_attempt_is_made_again_after_a_pause_that_grows(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    for attempts, pause_s in ((1, 0.2), (2, 0.4)):
        [attempt] = await kept.dispatch().take("echo", 1)
        await kept.dispatch().failed(attempt.job, LOST)
        assert await state(kept, job.job) == (State.QUEUED, attempts)
        kept.clock.advance(pause_s / 2 - 0.01)
        assert await kept.dispatch().take("echo", 1) == []
        kept.clock.advance(pause_s / 2 + 0.01)


async def test_a_job_whose_attempts_are_used_up_is_given_up(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    for _ in range(3):
        [attempt] = await kept.dispatch().take("echo", 1)
        await kept.dispatch().failed(attempt.job, LOST)
        kept.clock.advance(60)
    given_up = (await kept.jobs.fetch(job.job)).job
    assert (given_up.state, given_up.attempts) == (State.FAILED, 3)
    assert given_up.failure == Failure(14, "Given up after 3 attempts; the last one: the worker was lost")
    assert await kept.dispatch().take("echo", 1) == []


async def test_a_job_that_ends_its_dispatchers_is_given_up(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    for number in range(3):
        assert len(await kept.dispatch(f"dispatcher {number}").take("echo", 1)) == 1
        kept.clock.advance(7)
    assert await kept.dispatch("last").take("echo", 1) == []
    assert await state(kept, job.job) == (State.FAILED, 3)


async def test_waiting_for_a_worker_is_no_attempt(kept: Kept) -> None:
    job = await kept.jobs.submit(ORDER)
    for _ in range(10):
        await kept.dispatch().wait("echo")
        assert await state(kept, job.job) == (State.WAITING, 0)
        [attempt] = await kept.dispatch().take("echo", 1)
        await kept.dispatch().absent(attempt.job)
    assert await state(kept, job.job) == (State.WAITING, 0)


@pytest.mark.parametrize("opening", ["sqlite"], indirect=True)
async def test_two_stores_that_take_the_same_token_at_once_keep_one_job(kept: Kept, opening: object) -> None:
    database = opening()  # type: ignore[operator]
    one, other = (make_job(Order("echo", "", b"x", client_token="wish"), 1) for _ in range(2))
    database.write(lambda jobs: jobs.insert(one, b"x"))
    with pytest.raises(UnavailableError) as caught:
        database.write(lambda jobs: jobs.insert(other, b"x"))
    assert caught.value.reason == "STORE_BUSY"
    assert database.read(lambda jobs: jobs.with_token("wish")) == one
    database.close()


@pytest.mark.parametrize("opening", ["sqlite"], indirect=True)
async def test_jobs_of_a_store_that_was_ended_are_there_again(kept: Kept, opening: object) -> None:
    job = await kept.jobs.submit(ORDER)
    database = opening()  # type: ignore[operator]
    assert database.read(lambda jobs: jobs.find(job.job)) == job
    assert database.read(lambda jobs: jobs.body(job.job)) == b"what"
    database.close()
