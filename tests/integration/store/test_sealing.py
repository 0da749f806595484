"""Sealing: counts sent are counts stored, segments become Parquet, nothing gets lost in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from sparring.api.store.v1 import run_pb2
from sparring.store.phases import RecordingKey
from sparring.types.errors import FailedPreconditionError
from sparring.types.mode import Mode
from tests.integration.store.served import ServedStore
from tests.support.eventually import eventually
from tests.unit.store.builders import play


async def test_a_sealed_phase_lies_in_parquet_and_verifies(store: ServedStore) -> None:
    run = await store.owned()
    episodes = [play(0), play(1, 7, late_at=3), play(0, rollout=1)]
    await store.record(run, *episodes[:2])
    await store.record(run, episodes[2])

    phase = await store.seal(run, *episodes)

    assert (phase.name, phase.episodes, phase.steps, phase.sealed) == ("warm-up", 3, 15, True)
    places = store.places
    for rollout, rows in ((0, 13), (1, 5)):
        key = RecordingKey(run.run, 0, Mode.TRAIN, rollout)
        assert not places.segment(key).exists()
        assert pq.read_table(places.parquet(key)).num_rows == rows
    differences, verified = await store.verify(run.run)
    assert differences == []
    assert (verified.episodes, verified.steps, verified.equal) == (3, 15, True)


async def test_sealing_again_changes_nothing(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0))
    once = await store.seal(run, play(0))
    path = store.places.parquet(RecordingKey(run.run, 0, Mode.TRAIN, 0))
    before = path.stat().st_mtime_ns
    assert await store.seal(run, play(0)) == once
    assert path.stat().st_mtime_ns == before


async def test_sealing_at_the_same_time_is_sealing_once(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0))
    first, *others = await asyncio.gather(*(store.seal(run, play(0)) for _ in range(4)))
    assert others == [first] * 3


@pytest.mark.parametrize("sent", [[], [0], [0, 1, 2]])
async def test_a_phase_that_does_not_add_up_is_not_sealed(store: ServedStore, sent: list[int]) -> None:
    run = await store.owned()
    await store.record(run, play(0), play(1))
    with pytest.raises(FailedPreconditionError) as caught:
        await store.seal(run, *map(play, sent))
    assert caught.value.reason == "AUDIT_FAILED"
    assert caught.value.metadata["stored"] == "2"
    assert caught.value.metadata["sent"] == str(len(sent))
    assert (await store.seal(run, play(0), play(1))).sealed


async def test_only_the_owner_seals(store: ServedStore) -> None:
    run = await store.owned()
    store.clock.advance(60)
    await store.claim("other")
    with pytest.raises(FailedPreconditionError) as caught:
        await store.seal(run)
    assert caught.value.reason == "EPOCH_STALE"


async def test_a_phase_without_episodes_can_be_sealed(store: ServedStore) -> None:
    run = await store.owned()
    assert (await store.seal(run)).sealed
    async with store.recording(run, phase=1):
        pass
    assert (await store.seal(run, phase=1)).sealed
    assert (await store.verify(run.run))[1].equal


async def test_a_sealed_phase_takes_nothing_more(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0))
    await store.seal(run, play(0))
    async with store.recording(run) as record:
        assert list(record.opened.committed) == [0]
        await record.play(play(0))  # known
        assert (await record.receive()).committed.existed
        await record.steps(play(1))
        error = await record.failure()
    assert isinstance(error, FailedPreconditionError)
    assert error.reason == "PHASE_SEALED"


async def test_a_stream_that_is_still_open_when_its_phase_is_sealed_cannot_commit(store: ServedStore) -> None:
    run = await store.owned()
    async with store.recording(run) as record:
        await record.play(play(0))
        await record.receive()
        await store.seal(run, play(0))
        await record.play(play(1))
        error = await record.failure()
    assert isinstance(error, FailedPreconditionError)
    assert error.reason == "PHASE_SEALED"
    assert (await store.verify(run.run))[1].equal


async def test_evaluation_is_sealed_apart_from_training(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0))
    await store.record(run, play(0, mode=Mode.EVALUATE))
    evaluated = await store.seal(run, play(0), mode=Mode.EVALUATE)
    assert (evaluated.episodes, evaluated.sealed) == (1, True)
    places = store.places
    assert places.segment(RecordingKey(run.run, 0, Mode.TRAIN, 0)).exists()
    assert places.parquet(RecordingKey(run.run, 0, Mode.EVALUATE, 0)).exists()
    assert (await store.verify(run.run))[1].equal


async def test_damaged_steps_are_not_sealed_and_the_episode_is_named(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0), play(1))
    segment = store.places.segment(RecordingKey(run.run, 0, Mode.TRAIN, 0))
    data = bytearray(segment.read_bytes())
    data[-20] ^= 1
    segment.write_bytes(data)
    with pytest.raises(FailedPreconditionError) as caught:
        await store.seal(run, play(0), play(1))
    assert caught.value.reason == "DATA_DAMAGED"
    assert "episode 1" in str(caught.value)
    assert segment.exists()


async def test_what_a_failed_run_left_unsealed_is_tidied_up(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0), play(1))
    await store.enter(run, run_pb2.Run.STATE_DONE, run_pb2.Run.STATUS_FAILED)
    key = RecordingKey(run.run, 0, Mode.TRAIN, 0)
    places = store.places
    await eventually(lambda: places.parquet(key).exists() and not places.segment(key).exists())
    differences, verified = await store.verify(run.run)
    assert differences == []
    assert verified.episodes == 2


async def test_steps_that_no_summary_counts_are_noticed_when_they_are_announced(store: ServedStore) -> None:
    run = await store.owned()
    played = play(0)
    await store.record(run, played)
    wrong = replace(played.summary, steps=played.summary.steps + 1)
    played.summary = wrong
    with pytest.raises(FailedPreconditionError) as caught:
        await store.seal(run, played)
    assert caught.value.reason == "AUDIT_FAILED"
