"""The wait with a deadline that the other tests rely on."""

import asyncio
import itertools

import pytest

from tests.support.eventually import NeverHappenedError, eventually, eventually_sync


async def test_the_first_true_result_is_returned() -> None:
    counter = itertools.count()
    assert await eventually(lambda: next(counter), every_s=0) == 1


async def test_an_async_check_is_awaited() -> None:
    async def check() -> str:
        return "there"

    assert await eventually(check) == "there"


async def test_a_failed_assertion_means_not_yet() -> None:
    attempts: list[int] = []

    def check() -> bool:
        attempts.append(1)
        assert len(attempts) == 3
        return True

    assert await eventually(check, every_s=0)


async def test_a_failure_says_what_was_waited_for_and_what_the_last_attempt_gave() -> None:
    with pytest.raises(NeverHappenedError) as caught:
        await eventually(list, within_s=0, message="the worker list")
    assert str(caught.value) == "the worker list: did not happen within 0 s; attempt 1, the last, gave []"


async def test_a_failure_keeps_the_last_exception_as_its_cause() -> None:
    with pytest.raises(NeverHappenedError, match="raised KeyError") as caught:
        await eventually(lambda: {}["a"], within_s=0, retry_on=(KeyError,))
    assert isinstance(caught.value.__cause__, KeyError)


async def test_an_unexpected_exception_is_raised_at_once() -> None:
    with pytest.raises(KeyError):
        await eventually(lambda: {}["a"])


async def test_a_timeout_of_the_check_itself_is_not_taken_for_the_deadline() -> None:
    async def check() -> bool:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await eventually(check)


async def test_a_check_that_hangs_is_cancelled_at_the_deadline() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NeverHappenedError, match="raised TimeoutError"):
        await eventually(hang, within_s=0.05)


def test_without_a_loop_the_first_true_result_is_returned() -> None:
    counter = itertools.count()
    assert eventually_sync(lambda: next(counter), every_s=0) == 1


def test_without_a_loop_a_failure_says_what_the_last_attempt_gave() -> None:
    with pytest.raises(NeverHappenedError, match="gave None"):
        eventually_sync(lambda: None, within_s=0)
