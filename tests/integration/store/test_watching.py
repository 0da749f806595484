"""Watching a run: every event once, in order, from any cursor, to the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.types.errors import UnavailableError
from tests.integration.store.served import WITHIN_S, Clock, ServedStore, serving
from tests.unit.store.builders import play


async def test_all_events_come_in_order_and_the_stream_ends_with_the_run(store: ServedStore) -> None:
    run = await store.owned()
    await store.enter(run, phase_name="warm-up")
    await store.record(run, play(0), play(1))
    await store.finish(run)
    await store.enter(run, run_pb2.Run.STATE_DONE, run_pb2.Run.STATUS_FINISHED)  # behind the end

    events = await store.events(run.run)

    assert [event.revision for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event.run.revision for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event.HasField("episode") for event in events] == [False, False, False, True, True, False]
    assert [event.episode.episode.episode for event in events[3:5]] == [0, 1]
    assert {event.run.state for event in events[2:5]} == {run_pb2.Run.STATE_TRANSCEIVING}
    assert events[0].message == "Submitted dummy.yml."
    assert events[-1].run.status == run_pb2.Run.STATUS_FINISHED


@pytest.mark.parametrize("cursor", range(7))
async def test_a_watch_goes_on_after_any_cursor(store: ServedStore, cursor: int) -> None:
    run = await store.owned()
    await store.enter(run, phase_name="warm-up")
    await store.record(run, play(0), play(1))
    await store.finish(run)
    every = await store.events(run.run)
    assert await store.events(run.run, cursor) == every[cursor:]


async def test_events_come_while_they_happen(store: ServedStore) -> None:
    run = await store.owned()
    watch = store.stub.WatchRun(pb.WatchRunRequest(run=run.run, after_revision=2), timeout=WITHIN_S)
    reading = asyncio.create_task(watch.read())
    await store.enter(run)
    assert (await reading).event.run.state == run_pb2.Run.STATE_TRANSCEIVING
    await store.record(run, play(0))
    assert (await watch.read()).event.episode.episode.episode == 0
    await store.stub.RequestRun(pb.RequestRunRequest(run=run.run, wish=pb.RequestRunRequest.WISH_PAUSE))
    assert (await watch.read()).event.run.pause_requested
    watch.cancel()


async def test_more_events_than_fit_into_one_look_come_all(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, *(play(number, 1) for number in range(600)))
    await store.finish(run)
    events = await store.events(run.run)
    assert [event.revision for event in events] == list(range(1, 604))


async def test_another_process_on_the_same_directory_sees_events_as_well(tmp_path: Path) -> None:
    clock = Clock()
    async with serving(tmp_path, clock) as one, serving(tmp_path, clock) as other:
        run = await one.owned()
        watch = other.stub.WatchRun(pb.WatchRunRequest(run=run.run, after_revision=2), timeout=WITHIN_S)
        reading = asyncio.create_task(watch.read())
        await one.enter(run)
        assert (await reading).event.run.state == run_pb2.Run.STATE_TRANSCEIVING
        watch.cancel()


async def test_a_store_that_stops_tells_its_watchers_to_come_again(store: ServedStore) -> None:
    run = await store.owned()
    watch = store.stub.WatchRun(pb.WatchRunRequest(run=run.run), timeout=WITHIN_S)
    assert (await watch.read()).event.revision == 1
    assert (await watch.read()).event.revision == 2
    reading = asyncio.create_task(watch.read())
    store.stop.set()
    with pytest.raises(UnavailableError) as caught:
        await reading
    assert caught.value.reason == "DRAINING"
