"""The writer's thread: order, room, and an orderly end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from sparring.store.writer import JOB_BYTES, ROOM_BYTES, writing
from sparring.types.errors import UnavailableError
from tests.support.eventually import eventually
from tests.unit.store.builders import submission
from tests.unit.store.memory_database import MemoryDatabase


async def test_jobs_run_in_order_in_one_thread_that_is_not_the_loops() -> None:
    done: list[tuple[int, int]] = []
    async with writing(MemoryDatabase(), lambda runs: None) as writer:
        for number in range(100):
            await writer.post(lambda n=number: done.append((n, threading.get_ident())))  # type: ignore[misc]
        await writer.call(lambda: None)
    assert [number for number, _ in done] == list(range(100))
    assert len({thread for _, thread in done}) == 1
    assert done[0][1] != threading.get_ident()


async def test_what_a_job_returns_or_raises_comes_back() -> None:
    def fail() -> None:
        raise ValueError("no")

    async with writing(MemoryDatabase(), lambda runs: None) as writer:
        assert await writer.call(lambda: 5) == 5
        with pytest.raises(ValueError, match="no"):
            await writer.call(fail)
        run = await writer.write(lambda tables: tables.runs.insert("dummy", submission(), 1))
        assert run.run == "dummy-1"


async def test_a_posted_job_that_fails_does_not_end_the_thread() -> None:
    async with writing(MemoryDatabase(), lambda runs: None) as writer:
        await writer.post(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        assert await writer.call(lambda: 5) == 5


async def test_who_brings_more_than_there_is_room_for_waits() -> None:
    gate = threading.Event()
    async with writing(MemoryDatabase(), lambda runs: None) as writer:
        try:
            await writer.post(lambda: gate.wait(10) and None, ROOM_BYTES - 2 * JOB_BYTES)
            waiting = asyncio.create_task(writer.post(lambda: None, 2 * JOB_BYTES))
            small = asyncio.create_task(writer.post(lambda: None))
            await small
            assert not waiting.done()
        finally:
            gate.set()
        await asyncio.wait_for(waiting, 10)


async def test_a_job_larger_than_all_room_is_taken_when_nothing_else_waits() -> None:
    async with writing(MemoryDatabase(), lambda runs: None) as writer:
        await asyncio.wait_for(writer.post(lambda: None, 2 * ROOM_BYTES), 10)


async def test_what_was_queued_is_done_before_the_thread_ends() -> None:
    done: list[int] = []
    async with writing(MemoryDatabase(), lambda runs: None) as writer:
        for number in range(50):
            await writer.post(lambda n=number: done.append(n))  # type: ignore[misc]
    assert done == list(range(50))
    with pytest.raises(UnavailableError) as caught:
        await writer.post(lambda: None)
    assert caught.value.reason == "STORE_BUSY"
    await eventually(lambda: not any(thread.name == "store writer" for thread in threading.enumerate()))


async def test_whoever_goes_away_does_not_disturb_the_thread() -> None:
    gate = threading.Event()
    async with writing(MemoryDatabase(), lambda runs: None) as writer:
        task = asyncio.create_task(writer.call(lambda: gate.wait(10)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        gate.set()
        assert await writer.call(lambda: 5) == 5
