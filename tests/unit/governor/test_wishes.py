"""Cancel, pause, resume: whatever the state is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparring.governor.run_governor import RunGovernor
from sparring.governor.run_record import StateName, Status, Wish
from tests.unit.governor.stage import Stage, document, phase

AT_ANY_STATE = [
    "INITIALIZING",
    "STARTING_SETUP",
    "STARTING_SIMULATION_CONTROLLERS",
    "STARTING_ENVIRONMENT_CONDUCTORS",
    "STARTING_AGENT_CONDUCTORS",
    "STARTING_RUN",
    "TRANSCEIVING",
    "STOPPING_SIMULATION",
    "STOPPING_RUN",
]


def when(stage: Stage, state: str, act: Callable[[], object]) -> None:
    """Act as soon as a transition into this state is durable."""
    stage.store.on_record = lambda transition: act() if transition.state == state else None


@pytest.mark.parametrize("state", AT_ANY_STATE)
async def test_a_run_can_be_cancelled_in_every_state(stage: Stage, state: str) -> None:
    run = await stage.submit(document(phase(worker=2), phase("test", mode="test")))
    governor = stage.governor(run)
    when(stage, state, governor.shutdown.set)
    await governor.run()
    assert stage.status(run) is Status.CANCELLED
    assert stage.log.states()[-4:] == [state, "STOPPING_TRANSCEIVING", "FINALIZING", "DONE"]
    assert stage.broker.held == {}
    assert all(session.closed for session in stage.brains.sessions)
    assert all(stream.closed for stream in stage.rollouts.streams)


async def test_what_is_committed_before_a_cancellation_stays(stage: Stage) -> None:
    stage.rollouts.gate(0, 1)
    async with stage.governing(document()) as (run, governor):
        await stage.logged("rollout 0: committed 0")
        governor.shutdown.set()
    assert stage.store.keys(run) == [(0, 0)]
    assert stage.log.of("rollout 0: cancel") == ["rollout 0: cancel"]


async def test_a_run_that_waits_for_slots_can_be_cancelled(stage: Stage) -> None:
    stage.broker.slots = {"simulation": 0}
    async with stage.governing(document()) as (run, governor):
        await stage.logged("acquire")
        governor.shutdown.set()
    assert stage.status(run) is Status.CANCELLED


async def test_a_wish_to_cancel_is_heard_with_the_renewal_of_the_lease(stage: Stage) -> None:
    stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        await stage.logged("rollout 0: plays 0")
        await stage.store.request(run, Wish.CANCEL)
    assert stage.status(run) is Status.CANCELLED


async def test_a_run_that_was_cancelled_before_its_claim_ends_at_once(stage: Stage) -> None:
    run = await stage.submit(document())
    stage.wish(run, cancel_requested=True)
    await stage.governor(run).run()
    assert stage.status(run) is Status.CANCELLED
    assert stage.log.of("acquire") == []


async def pause(stage: Stage, run: str, governor: RunGovernor) -> None:
    governor.heed(await stage.store.request(run, Wish.PAUSE))
    await stage.logged("rollout 0: pause")


async def test_a_paused_run_holds_its_rollout_workers_and_keeps_their_sessions(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        await stage.logged("rollout 0: plays 0")
        held = dict(stage.broker.held)
        await pause(stage, run, governor)
        assert stage.status(run) is Status.PAUSED
        gate.set()
        await stage.logged("rollout 0: committed 0")
        assert stage.broker.held == held
        governor.heed(await stage.store.request(run, Wish.RESUME))
        await stage.logged("rollout 0: resume")
    assert stage.status(run) is Status.FINISHED


async def test_a_pause_is_durable_before_anybody_holds(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        await stage.logged("rollout 0: plays 0")
        await pause(stage, run, governor)
        governor.heed(await stage.store.request(run, Wish.RESUME))
        gate.set()
    assert stage.log.first("record TRANSCEIVING paused") < stage.log.first("rollout 0: pause")
    resumed = [number for number, line in enumerate(stage.log) if line == "record TRANSCEIVING running"][-1]
    assert resumed < stage.log.first("rollout 0: resume")


async def test_a_run_that_is_paused_before_it_plays_holds_from_the_first_step_on(stage: Stage) -> None:
    run = await stage.submit(document())
    stage.wish(run, pause_requested=True)
    async with stage.continuing(run) as governor:
        await stage.reached(governor, StateName.TRANSCEIVING)
        assert stage.status(run) is Status.PAUSED
        assert stage.log.of("rollout") == ["rollout 0: start 0 in phase 0", "rollout 0: pause"]
        governor.heed(await stage.store.request(run, Wish.RESUME))
    assert stage.status(run) is Status.FINISHED


async def test_a_paused_run_can_be_cancelled(stage: Stage) -> None:
    stage.rollouts.gate(0, 0)
    async with stage.governing(document()) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        await stage.logged("rollout 0: plays 0")
        await pause(stage, run, governor)
        governor.heed(await stage.store.request(run, Wish.CANCEL))
    assert stage.status(run) is Status.CANCELLED


async def test_a_rollout_worker_that_begins_while_its_run_is_paused_holds_as_well(stage: Stage) -> None:
    stage.broker.slots = {"environment": 1}
    gate = stage.rollouts.gate(0, 0)
    async with stage.governing(document(phase(worker=2, episodes=1))) as (run, governor):
        await stage.reached(governor, StateName.TRANSCEIVING)
        await stage.logged("rollout 0: plays 0")
        await pause(stage, run, governor)
        gate.set()
        await stage.logged("rollout 1: pause")
        governor.heed(await stage.store.request(run, Wish.RESUME))
    assert stage.status(run) is Status.FINISHED
