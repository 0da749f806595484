"""The stream of steps and commits: what is acknowledged is durable, what is not is forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gymnasium.spaces import Discrete

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import encode_declarations
from sparring.codec.record import decode_summary, encode_rows, encode_summary
from sparring.store.declared import Declared
from sparring.store.writer import ROOM_BYTES
from sparring.types.declaration import Declaration
from sparring.types.errors import SparringError, UnavailableError
from tests.integration.store.served import Clock, RolloutRecord, ServedStore, opening, serving
from tests.support.eventually import eventually
from tests.unit.store.builders import BONUS, PLANT, TALK, Played, play

COMMIT_ONLY = pb.CommitEpisode(summary=run_pb2.EpisodeSummary(steps=1), rows=2)


def reason(error: Exception) -> str:
    assert isinstance(error, SparringError), error
    return error.reason


async def committed(record: RolloutRecord) -> pb.Committed:
    answer = await record.receive()
    assert answer.WhichOneof("kind") == "committed", answer
    return answer.committed


async def test_a_committed_episode_is_listed_with_everything_that_was_said_of_it(store: ServedStore) -> None:
    run = await store.owned()
    played = play(2, 5)
    async with store.recording(run) as record:
        await record.play(played)
        answer = await committed(record)
    assert not answer.existed
    assert decode_summary(answer.summary) == played.summary
    assert (answer.summary.epoch, answer.summary.phase_name) == (run.epoch, "warm-up")
    assert await store.episodes(run.run) == [answer.summary]


async def test_the_key_is_the_streams_whatever_the_summary_says(store: ServedStore) -> None:
    run = await store.owned()
    played = play(0, rollout=3)
    async with store.recording(run, rollout=3) as record:
        await record.steps(played)
        summary = encode_summary(replace(played.summary, key=replace(played.summary.key, rollout=9, phase=9)))
        await record.send(commit=pb.CommitEpisode(summary=summary, rows=played.rows))
        answer = await committed(record)
    assert (answer.summary.episode.phase, answer.summary.episode.rollout) == (0, 3)


async def test_a_flush_is_answered_when_all_before_it_is_durable(tmp_path: Path) -> None:
    async with serving(tmp_path, group_s=10) as store:
        run = await store.owned()
        async with store.recording(run) as record:
            for number in range(3):
                await record.play(play(number))
            await record.send(flush=pb.Flush())
            kinds = [(await record.receive()).WhichOneof("kind") for _ in range(4)]
        assert kinds == ["committed", "committed", "committed", "flushed"]


async def test_a_stream_that_ends_in_good_order_gets_all_its_answers_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path, group_s=10) as store:
        run = await store.owned()
        async with store.recording(run) as record:
            await record.play(play(0))
            await record.call.done_writing()
            await committed(record)


async def test_lanes_may_play_episodes_at_the_same_time(store: ServedStore) -> None:
    run = await store.owned()
    lanes = [play(number, 6, mark=number, late_at=2 if number == 1 else None) for number in range(3)]
    async with store.recording(run) as record:
        for each in lanes:
            await record.send(begin=pb.BeginEpisode(episode=each.summary.key.episode))
        late = pb.DeclareRewards(episode=1, environment=0, rewards=encode_declarations([BONUS]))
        pending: list[Any] = [list(each.batches) for each in lanes]
        while any(pending):
            for number, batches in enumerate(pending):
                if batches:
                    if number == 1 and batches[0].first_step == 2:
                        await record.send(declare_rewards=late)
                    await record.send(steps=encode_rows(batches.pop(0)))
        for each in reversed(lanes):
            await record.commit(each)
        for _ in lanes:
            await committed(record)
    differences, verified = await store.verify(run.run)
    assert differences == []
    assert (verified.episodes, verified.steps) == (3, 18)


async def test_a_dropped_episode_leaves_no_trace_and_can_be_played_again(store: ServedStore) -> None:
    run = await store.owned()
    async with store.recording(run) as record:
        await record.steps(play(0, mark=5))
        await record.send(drop=pb.DropEpisode(episode=0))
        await record.play(play(0))
        assert not (await committed(record)).existed
    assert (await store.verify(run.run))[1].equal


async def test_a_key_that_is_there_already_is_answered_with_the_first_row(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(0))
    async with store.recording(run) as record:
        assert list(record.opened.committed) == [0]
        await record.play(play(0, mark=7))
        answer = await committed(record)
    assert answer.existed
    assert decode_summary(answer.summary) == play(0).summary
    assert (await store.verify(run.run))[1].equal


async def test_opened_tells_what_this_rollout_worker_has_committed(store: ServedStore) -> None:
    run = await store.owned()
    await store.record(run, play(3), play(1))
    await store.record(run, play(0, rollout=1))
    async with store.recording(run) as record:
        assert list(record.opened.committed) == [1, 3]
    async with store.recording(run, rollout=1) as record:
        assert list(record.opened.committed) == [0]
    async with store.recording(run, phase=1) as record:
        assert list(record.opened.committed) == []


async def test_an_episode_whose_stream_ends_is_forgotten(store: ServedStore) -> None:
    run = await store.owned()
    async with store.recording(run) as record:
        await record.play(play(0))
        await committed(record)
        await record.steps(play(1))
    async with store.recording(run) as record:
        assert list(record.opened.committed) == [0]
        await record.play(play(1, mark=9))
        assert not (await committed(record)).existed
    assert (await store.verify(run.run))[1].equal


async def test_a_newer_stream_takes_the_place_of_an_older_one(store: ServedStore) -> None:
    run = await store.owned()
    async with store.recording(run) as old:
        await old.steps(play(0))
        async with store.recording(run) as new:
            await old.commit(play(0))
            assert reason(await old.failure()) == "STREAM_SUPERSEDED"
            await new.play(play(0, mark=1))
            assert not (await committed(new)).existed
    assert (await store.verify(run.run))[1].equal


async def test_who_is_not_the_owner_any_more_cannot_record(store: ServedStore) -> None:
    run = await store.owned()
    async with store.recording(run) as record:
        store.clock.advance(60)
        await store.claim("other")
        await record.play(play(0))
        assert reason(await record.failure()) == "EPOCH_STALE"
    late = RolloutRecord(store.stub.RecordEpisodes())
    await late.send(open=opening(run))
    assert reason(await late.failure()) == "EPOCH_STALE"
    assert await store.episodes(run.run) == []


async def test_a_run_that_has_ended_takes_no_records(store: ServedStore) -> None:
    run = await store.owned()
    await store.finish(run)
    record = RolloutRecord(store.stub.RecordEpisodes())
    await record.send(open=opening(run))
    assert reason(await record.failure()) == "RUN_ALREADY_TERMINAL"


async def test_two_records_of_one_rollout_worker_declare_the_same(store: ServedStore) -> None:
    run = await store.owned()
    described = replace(PLANT, sensors=(replace(PLANT.sensors[0], description="Told later."), *PLANT.sensors[1:]))
    await store.record(run, play(0))
    async with store.recording(run, Declared([described], ["operator"])):
        pass
    other = replace(PLANT, actuators=(Declaration("valve", Discrete(4)),))
    for declared in (Declared([other], ["operator"]), Declared([PLANT], ["somebody"]), Declared([PLANT, TALK], [])):
        record = RolloutRecord(store.stub.RecordEpisodes())
        await record.send(open=opening(run, declared))
        assert reason(await record.failure()) == "DECLARATIONS_CHANGED"


async def test_what_came_must_have_the_digest_that_was_announced(store: ServedStore) -> None:
    run = await store.owned()
    played = play(0)
    async with store.recording(run) as record:
        await record.steps(played)
        summary = encode_summary(replace(played.summary, digest=bytes(32)))
        await record.send(commit=pb.CommitEpisode(summary=summary, rows=played.rows))
        assert reason(await record.failure()) == "DIGEST_MISMATCH"
    assert await store.episodes(run.run) == []


async def test_a_rollout_worker_that_makes_no_digest_gets_the_stores(store: ServedStore) -> None:
    run = await store.owned()
    played = play(0)
    async with store.recording(run) as record:
        await record.steps(played)
        summary = encode_summary(replace(played.summary, digest=b""))
        await record.send(commit=pb.CommitEpisode(summary=summary, rows=played.rows))
        assert (await committed(record)).summary.digest == played.summary.digest


BATCH = encode_rows(play(0).batches[0])


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        ([{"open": "again"}], "GRAMMAR_VIOLATED"),
        ([{"steps": BATCH}], "GRAMMAR_VIOLATED"),
        ([{"commit": COMMIT_ONLY}], "GRAMMAR_VIOLATED"),
        ([{}], "GRAMMAR_VIOLATED"),
        ([{"begin": pb.BeginEpisode()}, {"begin": pb.BeginEpisode()}], "GRAMMAR_VIOLATED"),
        ([{"begin": pb.BeginEpisode()}, {"commit": COMMIT_ONLY}], "COUNT_MISMATCH"),
        ([{"begin": pb.BeginEpisode()}, {"steps": pb.StepBatch(first_step=1, steps=1)}], "COUNT_MISMATCH"),
        ([{"begin": pb.BeginEpisode()}, {"steps": pb.StepBatch(steps=1, rows=b"short")}], "FRAME_MALFORMED"),
        ([{"begin": pb.BeginEpisode()}, {"steps": pb.StepBatch(steps=0, texts=["?"])}], "FRAME_MALFORMED"),
    ],
)
async def test_frames_that_break_the_contract_end_the_stream_and_say_why(
    store: ServedStore, frames: list[dict[str, Any]], why: str
) -> None:
    run = await store.owned()
    async with store.recording(run) as record:
        for frame in frames:
            await record.send(**{kind: opening(run) if body == "again" else body for kind, body in frame.items()})
        assert reason(await record.failure()) == why


async def test_the_first_frame_opens_the_record(store: ServedStore) -> None:
    record = RolloutRecord(store.stub.RecordEpisodes())
    await record.send(flush=pb.Flush())
    assert reason(await record.failure()) == "GRAMMAR_VIOLATED"


async def test_a_record_needs_environments_with_names(store: ServedStore) -> None:
    run = await store.owned()
    for declared in (Declared([], []), Declared([replace(PLANT, uid="")], []), Declared([PLANT, PLANT], [])):
        record = RolloutRecord(store.stub.RecordEpisodes())
        await record.send(open=opening(run, declared))
        assert reason(await record.failure()) == "DECLARATION_MALFORMED"


async def test_what_was_acknowledged_before_a_bad_frame_stays(store: ServedStore) -> None:
    run = await store.owned()
    async with store.recording(run) as record:
        await record.play(play(0))
        await record.send(steps=BATCH)
        await committed(record)
        assert reason(await record.failure()) == "GRAMMAR_VIOLATED"
    assert len(await store.episodes(run.run)) == 1


async def test_texts_are_kept_with_their_rows(store: ServedStore) -> None:
    run = await store.owned()
    declared = Declared([PLANT, TALK], ["operator"])
    await store.record(run, play(0, 5, declared=declared), declared=declared)
    assert (await store.verify(run.run))[1].equal


async def test_many_rollout_workers_record_at_the_same_time(store: ServedStore) -> None:
    run = await store.owned()
    played = {rollout: [play(number, rollout=rollout) for number in range(5)] for rollout in range(8)}
    await asyncio.gather(*(store.record(run, *episodes) for episodes in played.values()))
    differences, verified = await store.verify(run.run)
    assert differences == []
    assert verified.episodes == 40


async def test_an_episode_larger_than_all_buffers_is_recorded(store: ServedStore) -> None:
    run = await store.owned()
    played: Played = play(0, 250_000, batch=25_000)
    assert sum(len(batch.rows) for batch in played.batches) > ROOM_BYTES
    await store.record(run, played)
    assert (await store.verify(run.run))[1].equal


async def test_a_store_that_stops_tells_its_streams_to_come_again(store: ServedStore) -> None:
    run = await store.owned()
    async with store.recording(run) as record:
        await record.play(play(0))
        await committed(record)
        store.stop.set()
        error = await record.failure()
    assert isinstance(error, UnavailableError)
    assert error.reason == "DRAINING"


async def test_two_processes_cannot_record_the_same_rollout_worker(tmp_path: Path) -> None:
    clock = Clock()
    async with serving(tmp_path, clock) as one, serving(tmp_path, clock) as other:
        run = await one.owned()
        async with one.recording(run):
            record = RolloutRecord(other.stub.RecordEpisodes())
            await record.send(open=opening(run))
            assert reason(await record.failure()) == "STORE_BUSY"

        async def opened() -> bool:
            async with other.recording(run):
                return True

        assert await eventually(opened, retry_on=(SparringError,))
