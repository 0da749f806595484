"""One owner at a time: who was replaced stops touching the run, who comes next goes on from what is committed."""

from __future__ import annotations

import pytest

from sparring.governor.rollout_frames import Cause, RolloutEnded
from sparring.governor.run_record import StateName, Status
from sparring.types.errors import FailedPreconditionError, UnavailableError
from tests.unit.governor.stage import Stage, document, phase

STALE = FailedPreconditionError("EPOCH_STALE", "Epoch 1 is over.")


async def test_a_governor_that_was_replaced_stops_without_touching_the_run(stage: Stage) -> None:
    stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        await stage.logged("rollout 0: plays 0")
        before, held = list(stage.log), dict(stage.broker.held)
        stage.store.give(run, "governor-2")
    assert list(stage.log) == before
    assert stage.broker.held == held
    assert stage.status(run) is Status.RUNNING
    assert all(session.closed for session in stage.brains.sessions)
    assert all(stream.closed for stream in stage.rollouts.streams)


async def test_a_governor_learns_from_a_refused_transition_that_it_was_replaced(stage: Stage) -> None:
    run = await stage.submit(document())
    governor = stage.governor(run)
    stage.store.on_record = lambda transition: (
        stage.store.give(run, "governor-2") if transition.state is StateName.STARTING_SETUP else None
    )
    await governor.run()
    assert stage.log.states() == ["INITIALIZING", "STARTING_SETUP"]
    assert stage.store.runs[run].governor == "governor-2"
    assert stage.log.of("rollout", "acquire") == []


@pytest.mark.parametrize("ending", [STALE, RolloutEnded(Cause.FAILED, STALE)], ids=["stream", "frame"])
async def test_a_governor_learns_from_a_rollout_worker_that_it_was_replaced(stage: Stage, ending: RolloutEnded) -> None:
    stage.rollouts.endings[0, 1] = [ending]
    run = await stage.submit(document())
    await stage.governor(run).run()
    assert stage.status(run) is Status.RUNNING
    assert "ERROR" not in "".join(stage.log.states())


async def test_the_next_governor_goes_on_from_what_is_committed(stage: Stage) -> None:
    stage.rollouts.gate(0, 2)
    async with stage.governing(document(phase(worker=2, episodes=4), phase("test", mode="test"))) as (run, first):
        await stage.logged("rollout 0: committed 1")
        await stage.logged("rollout 1: committed 3")
        first.disown()
    stage.rollouts.gates.clear()
    await stage.governor(run, "governor-2").run()
    assert stage.status(run) is Status.FINISHED
    assert stage.store.keys(run) == [(rollout, episode) for rollout in range(2) for episode in range(4)]
    assert stage.log.of("release all") == [f"release all of {run}"]
    again = stage.rollouts.streams[2]
    assert (again.plan.origin.rollout, again.plan.first_episode, again.epoch) == (0, 2, 2)
    assert len([one for one in stage.rollouts.streams if one.plan.origin.phase == 0]) == 3


async def test_the_next_governor_begins_with_the_phase_that_the_run_is_in(stage: Stage) -> None:
    stage.rollouts.gate(0, 1)
    text = document(phase(episodes=1), phase("test", mode="test", episodes=2))
    async with stage.governing(text) as (run, first):
        await stage.logged("rollout 0: start 0 in phase 1")
        await stage.logged("rollout 0: committed 0", times=2)
        first.disown()
    stage.rollouts.gates.clear()
    await stage.governor(run, "governor-2").run()
    assert stage.status(run) is Status.FINISHED
    starts = stage.log.of("rollout 0: start")
    assert starts == [f"rollout 0: start {first}" for first in ("0 in phase 0", "0 in phase 1", "1 in phase 1")]


async def test_a_phase_that_was_sealed_already_is_not_played_again(stage: Stage) -> None:
    run = await stage.submit(document())
    governor = stage.governor(run)
    stage.store.on_record = lambda transition: governor.disown() if transition.state is StateName.FINALIZING else None
    await governor.run()
    await stage.governor(run, "governor-2").run()
    assert stage.status(run) is Status.FINISHED
    assert len(stage.log.of("rollout 0: start")) == 1
    assert stage.log.of("acquire")[1:] == ["acquire brain apprentice"]


async def test_a_store_that_is_away_does_not_cost_a_governor_its_run(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        stage.store.fail("renew", UnavailableError("UNAVAILABLE", "The store is away."))
        gate.set()
    assert stage.status(run) is Status.FINISHED


async def test_a_governor_that_leaves_ends_what_is_open_and_keeps_what_was_learnt(stage: Stage) -> None:
    stage.brains.learns = True
    stage.rollouts.gate(0, 2)
    async with stage.governing(document(phase(episodes=4, more="learning: step"))) as (run, governor):
        await stage.logged("rollout 0: committed 1")
        governor.leave()
    assert stage.status(run) is Status.RUNNING
    assert stage.log.of("save") == ["save apprentice episode-2"]
    assert stage.log.of("rollout 0: cancel") == ["rollout 0: cancel"]
    assert stage.broker.held == {}


async def test_a_governor_that_is_replaced_while_it_closes_leaves_nothing_running(stage: Stage) -> None:
    stage.rollouts.deaf = True
    stage.rollouts.gate(0, 0)
    async with stage.governing(document(phase(worker=2))) as (_, governor):
        await stage.logged("rollout 0: plays 0")
        governor.shutdown.set()
        await stage.logged("rollout 0: cancel")
        governor.disown()
    assert all(session.closed for session in stage.brains.sessions)
    assert all(stream.closed for stream in stage.rollouts.streams)
    assert not stage.broker.watching
    assert stage.log.states()[-1] == "STOPPING_TRANSCEIVING"
