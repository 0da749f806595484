"""Claims, leases and transitions: a run has one owner, and what it enters is durable first."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf.duration_pb2 import Duration

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.types.digest import run_digest
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError
from sparring.types.mode import Mode
from tests.integration.store.served import FINISHED, TRAIN, ServedStore
from tests.unit.store.builders import play


async def test_a_claimed_run_has_an_owner_a_lease_and_an_epoch(store: ServedStore) -> None:
    run = await store.owned()
    assert (run.governor, run.epoch, run.status) == ("gov", 1, run_pb2.Run.STATUS_RUNNING)
    assert run.lease_until.ToNanoseconds() == store.clock.now_ns + 15_000_000_000


async def test_runs_are_given_out_oldest_first_and_once(store: ServedStore) -> None:
    for token in "abc":
        await store.create(token=token)
    assert [run.run for run in await store.claim("gov-a", 2)] == ["dummy-1", "dummy-2"]
    assert [run.run for run in await store.claim("gov-b", 2)] == ["dummy-3"]
    assert await store.claim("gov-b", 2) == []


async def test_who_claims_at_the_same_time_does_not_get_the_same(store: ServedStore) -> None:
    for token in "abcdef":
        await store.create(token=token)
    claims = await asyncio.gather(*(store.claim(f"gov-{number}", 2) for number in range(5)))
    names = [run.run for runs in claims for run in runs]
    assert sorted(names) == [f"dummy-{number}" for number in range(1, 7)]


async def test_a_governor_may_ask_for_certain_runs_only(store: ServedStore) -> None:
    for token in "abc":
        await store.create(token=token)
    assert [run.run for run in await store.claim("gov", 5, "dummy-2", "nobody-1")] == ["dummy-2"]


async def test_a_lapsed_run_gets_a_new_owner_under_a_new_epoch(store: ServedStore) -> None:
    old = await store.owned()
    store.clock.advance(14)
    assert await store.claim("other") == []
    store.clock.advance(2)
    [new] = await store.claim("other")
    assert (new.run, new.governor, new.epoch) == (old.run, "other", 2)
    with pytest.raises(FailedPreconditionError) as caught:
        await store.enter(old)
    assert caught.value.reason == "EPOCH_STALE"


async def test_renewing_keeps_a_run_and_tells_what_is_lost(store: ServedStore) -> None:
    kept = await store.owned("kept")
    lost = await store.owned("lost")
    store.clock.advance(10)
    lease = Duration(seconds=60)
    await store.stub.RenewRuns(pb.RenewRunsRequest(governor="gov", epochs={kept.run: 1}, lease=lease))
    store.clock.advance(10)
    assert [run.run for run in await store.claim("other", 5)] == [lost.run]
    answer = await store.stub.RenewRuns(
        pb.RenewRunsRequest(governor="gov", epochs={kept.run: 1, lost.run: 1, "nobody-1": 1})
    )
    assert [run.run for run in answer.runs] == [kept.run]
    assert list(answer.lost) == [lost.run, "nobody-1"]


async def test_a_transition_is_durable_and_entered_once(store: ServedStore) -> None:
    run = await store.owned()
    transition = pb.RecordTransitionRequest(
        run=run.run,
        epoch=run.epoch,
        ordinal=1,
        state=run_pb2.Run.STATE_STARTING_SETUP,
        status=run_pb2.Run.STATUS_RUNNING,
        phase=0,
        phase_name="warm-up",
        mode=TRAIN,
        message="Preparing.",
    )
    once = (await store.stub.RecordTransition(transition)).run
    twice = (await store.stub.RecordTransition(transition)).run
    assert once.state == run_pb2.Run.STATE_STARTING_SETUP
    assert twice == once
    phases = (await store.stub.GetRun(pb.GetRunRequest(run=run.run))).phases
    assert [(each.phase, each.name, each.mode, each.sealed) for each in phases] == [(0, "warm-up", TRAIN, False)]


async def test_a_transition_that_skips_one_is_refused(store: ServedStore) -> None:
    run = await store.owned()
    with pytest.raises(FailedPreconditionError) as caught:
        await store.enter(run, ordinal=3)
    assert caught.value.reason == "ORDINAL_SKIPPED"


async def test_a_transition_to_nowhere_is_refused(store: ServedStore) -> None:
    run = await store.owned()
    with pytest.raises(InvalidArgumentError) as caught:
        await store.enter(run, state=0)
    assert caught.value.reason == "TRANSITION_MALFORMED"


async def test_a_finished_run_has_the_digests_of_its_episodes(store: ServedStore) -> None:
    run = await store.owned()
    episodes = [play(0), play(1), play(0, rollout=1), play(0, phase=1, mode=Mode.TEST)]
    evaluation = play(0, mode=Mode.EVALUATE)
    await store.record(run, *episodes[:2])
    for each in (*episodes[2:], evaluation):
        await store.record(run, each)
    assert (await store.get(run.run)).digest == b""
    finished = await store.finish(run)
    assert finished.digest == run_digest((each.summary.key, each.summary.digest) for each in episodes)
    assert finished.evaluation_digest == run_digest([(evaluation.summary.key, evaluation.summary.digest)])
    assert finished.ended.ToNanoseconds() == store.clock.now_ns


async def test_a_run_that_has_ended_stays_as_it_ended(store: ServedStore) -> None:
    run = await store.owned()
    failed = await store.enter(
        run,
        run_pb2.Run.STATE_ERROR_HANDLING_TRANSCEIVING,
        run_pb2.Run.STATUS_FAILED,
        error_reason="AUTHOR_FAILED",
        error_message="It broke.",
    )
    assert (failed.error_reason, failed.error_message, failed.digest) == ("AUTHOR_FAILED", "It broke.", b"")
    with pytest.raises(FailedPreconditionError) as caught:
        await store.enter(run, run_pb2.Run.STATE_DONE, FINISHED)
    assert caught.value.reason == "RUN_ALREADY_TERMINAL"
    done = await store.enter(run, run_pb2.Run.STATE_DONE, run_pb2.Run.STATUS_FAILED)
    assert (done.state, done.error_reason) == (run_pb2.Run.STATE_DONE, "AUTHOR_FAILED")
    store.clock.advance(100)
    assert await store.claim("other") == []
