"""Tasks beside a block end with it, and none fails unseen; streams end with their server."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from sparring.rpc.streams import until
from sparring.rpc.tasks import Tasks
from tests.support.eventually import eventually


async def test_what_still_runs_is_cancelled_at_the_end_of_the_block() -> None:
    ended = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    async with Tasks() as tasks:
        tasks.start(forever(), "forever")
        await asyncio.sleep(0)
        assert len(tasks) == 1
    assert ended == ["cleaned up"]


async def test_a_task_that_misses_its_cancellation_is_cancelled_again() -> None:
    missed = []

    async def deaf() -> None:
        while not missed:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                missed.append("once")
        await asyncio.Event().wait()

    async with asyncio.timeout(10), Tasks() as tasks:
        tasks.start(deaf(), "deaf")
        await asyncio.sleep(0)
    assert missed == ["once"]


async def test_a_task_that_fails_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise KeyError("cause")

    async with Tasks() as tasks:
        tasks.start(asyncio.Event().wait(), "other")
        tasks.start(fail(), "failing")
        await eventually(lambda: len(tasks) == 1)
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "task failing failed"


async def test_the_error_of_the_block_comes_out_unwrapped() -> None:
    async def fail() -> None:
        async with Tasks() as tasks:
            tasks.start(asyncio.Event().wait(), "other")
            raise KeyError("block")

    with pytest.raises(KeyError):
        await fail()


async def test_nothing_starts_after_the_block() -> None:
    async with Tasks() as tasks:
        pass
    tasks.start(asyncio.sleep(0), "late")
    assert len(tasks) == 0


async def numbers(upto: int) -> AsyncIterator[int]:
    for number in range(upto):
        yield number


async def test_a_stream_that_ends_by_itself_is_passed_on_whole() -> None:
    assert [number async for number in until(asyncio.Event(), numbers(3))] == [0, 1, 2]


async def test_a_stream_ends_when_the_server_stops_even_while_it_waits() -> None:
    stop = asyncio.Event()

    async def one_then_silence() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    seen = []
    async for number in until(stop, one_then_silence()):
        seen.append(number)
        asyncio.get_running_loop().call_soon(stop.set)
    assert seen == [1]
    assert [number async for number in until(stop, numbers(3))] == []


async def test_an_error_of_the_stream_comes_out_as_it_is() -> None:
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise KeyError("cause")

    with pytest.raises(KeyError):
        async for _ in until(asyncio.Event(), broken()):
            pass
