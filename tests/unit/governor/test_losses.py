"""What is lost is played again with a whole new bundle, within its budget."""

from __future__ import annotations

import pytest

from sparring.governor.rollout_frames import Cause, RolloutEnded
from sparring.governor.run_record import StateName, Status
from sparring.types.episode import EpisodeKey
from sparring.types.errors import ExhaustedError, LostError, UnavailableError
from sparring.types.flow import SimulationFlowControl
from sparring.types.holding import SessionEvent
from sparring.types.mode import Mode
from tests.unit.governor.stage import Stage, document, phase

GONE = LostError("SESSION_LOST", "environment 'arena' is gone.")
LOST = RolloutEnded(Cause.LOST, GONE)


async def test_a_lost_rollout_worker_plays_its_episode_again_with_a_new_bundle(stage: Stage) -> None:
    stage.rollouts.endings[0, 1] = [LOST]
    ended = await stage.play(document())
    assert ended.status is Status.FINISHED
    assert stage.store.keys(ended.run) == [(0, 0), (0, 1), (0, 2)]
    assert [(stream.plan.first_episode, stream.plan.first_attempt) for stream in stage.rollouts.streams] == [
        (0, 1),
        (1, 2),
    ]
    assert len({stream.grant.token for stream in stage.rollouts.streams}) == 2
    again = stage.broker.bundles[-1]
    assert again.at_head
    assert set(again.slots) == {"simulation", "store", "environment arena", "muscle apprentice"}
    assert "HANDLING_DEAD_WORKERS" in stage.log.states()


async def test_what_is_left_of_a_lost_bundle_is_given_back_before_a_new_one_is_asked_for(stage: Stage) -> None:
    stage.rollouts.endings[0, 0] = [LOST]
    stage.broker.slots = {"environment": 1, "simulation": 1}
    ended = await stage.play(document())
    assert ended.status is Status.FINISHED


@pytest.mark.parametrize(
    "ending",
    [
        LOST,
        RolloutEnded(Cause.CANCELLED),
        RolloutEnded(Cause.ORPHANED),
        RolloutEnded(Cause.COMPLETED),
        GONE,
        UnavailableError("SERVER_UNREACHABLE", "nobody answers"),
        ExhaustedError("SLOT_TAKEN", "All 4 slots are taken."),
    ],
    ids=["lost", "drained", "orphaned", "too-early", "broken", "unreachable", "slot-taken"],
)
async def test_whatever_ends_a_rollout_worker_before_its_time_is_not_the_end_of_its_run(
    stage: Stage, ending: RolloutEnded
) -> None:
    stage.rollouts.endings[0, 2] = [ending]
    ended = await stage.play(document())
    assert ended.status is Status.FINISHED
    assert stage.store.keys(ended.run) == [(0, 0), (0, 1), (0, 2)]


async def test_an_episode_that_is_lost_too_often_ends_the_run(stage: Stage) -> None:
    stage.rollouts.endings[0, 1] = [LOST] * 3
    ended = await stage.play(document(head="retries: {episode: 2}\n"))
    assert (ended.status, ended.error_reason) == (Status.FAILED, "RETRIES_EXHAUSTED")
    assert "Episode 1 of rollout worker 0 in phase 'train' was lost 3 times" in ended.error_message
    assert "environment 'arena' is gone." in ended.error_message
    assert stage.broker.held == {}


async def test_losses_of_different_episodes_do_not_add_up(stage: Stage) -> None:
    for episode in range(3):
        stage.rollouts.endings[0, episode] = [LOST, LOST]
    ended = await stage.play(document(head="retries: {episode: 2}\n"))
    assert ended.status is Status.FINISHED


async def test_an_episode_that_was_committed_without_our_being_told_is_not_played_again(stage: Stage) -> None:
    stage.rollouts.silent = True
    stage.rollouts.endings[0, 1] = [LOST]
    ended = await stage.play(document())
    assert ended.status is Status.FINISHED
    assert [stream.plan.first_episode for stream in stage.rollouts.streams] == [0, 1]
    assert stage.store.sealed[0].sent[0].episodes == 3


async def test_a_rollout_worker_whose_environment_is_lost_is_told_to_end(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 1)
    async with stage.governing(document()) as (run, governor):
        await stage.logged("rollout 0: committed 0")
        token = stage.broker.token("environment arena")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.lost(token, "PROCESS_DIED", "Process 7 ended with -9."))
        await stage.logged("rollout 0: cancel")
        await stage.logged("rollout 0: start 1")
        gate.set()
    assert stage.status(run) is Status.FINISHED
    lost = next(one for one in stage.store.transitions if one.state is StateName.HANDLING_DEAD_WORKERS)
    assert lost.message == "rollout worker 0: environment arena: Process 7 ended with -9."
    assert governor.errors == []


async def test_a_rollout_worker_that_is_lost_itself_is_not_waited_for(stage: Stage) -> None:
    stage.rollouts.deaf = True
    gate = stage.rollouts.gate(0, 0)
    async with stage.governing(document(phase(episodes=1))) as (run, _):
        await stage.logged("rollout 0: start 0")
        token = stage.broker.token("simulation")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.lost(token, "LEASE_LAPSED", "The worker is silent."))
        await stage.logged("rollout 0: start 0", times=2)
        stage.rollouts.deaf = False
        gate.set()
    assert stage.status(run) is Status.FINISHED
    assert stage.log.of("rollout 0: cancel") == []


async def test_a_lost_brain_that_learns_nothing_costs_only_the_phase_a_new_start(stage: Stage) -> None:
    gate = stage.rollouts.gate(0, 2)
    async with stage.governing(document()) as (run, _):
        await stage.logged("rollout 0: committed 1")
        token = stage.broker.token("brain apprentice")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.lost(token, "PROCESS_DIED", "Process 8 ended with -9."))
        await stage.logged("rollout 0: start 2")
        gate.set()
    assert stage.status(run) is Status.FINISHED
    assert stage.store.keys(run) == [(0, 0), (0, 1), (0, 2)]
    assert [session.closed for session in stage.brains.sessions] == [True, True]
    assert stage.broker.held == {}


async def test_a_brain_that_is_lost_when_it_starts_is_started_again(stage: Stage) -> None:
    stage.brains.failing["start"] = [LostError("SLOT_TAKEN", "All slots are taken.")]
    ended = await stage.play(document())
    assert ended.status is Status.FINISHED
    assert stage.log.states().count("STARTING_AGENT_CONDUCTORS") == 2


async def test_a_brain_that_is_lost_again_and_again_without_progress_ends_the_run(stage: Stage) -> None:
    stage.brains.failing["start"] = [LostError("SLOT_TAKEN", "All slots are taken.")] * 3
    ended = await stage.play(document(head="retries: {episode: 2}\n"))
    assert (ended.status, ended.error_reason) == (Status.FAILED, "RETRIES_EXHAUSTED")
    assert "The brain of agent 'apprentice' was lost 3 times" in ended.error_message


async def test_a_learning_brain_goes_on_from_its_newest_state_if_that_has_all_that_is_committed(stage: Stage) -> None:
    stage.brains.learns = True
    stage.brains.contains = lambda: (EpisodeKey(0, Mode.TRAIN, 0, 1),)
    stage.rollouts.endings[0, 2] = [RolloutEnded(Cause.LOST, LostError("BRAIN_GONE", "gone"))]
    gate = stage.rollouts.gate(0, 2)
    async with stage.governing(document(phase(episodes=4), head="save_every: 2\n")) as (run, _):
        await stage.logged("save apprentice episode-2")
        token = stage.broker.token("brain apprentice")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.lost(token, "PROCESS_DIED", "Process 8 ended with -9."))
        await stage.logged("brain apprentice: start", times=2)
        gate.set()
    assert stage.status(run) is Status.FINISHED
    assert stage.brains.of("apprentice").started.state is not None


async def test_a_brain_whose_state_lacks_committed_episodes_is_given_them_again_in_learning_order(stage: Stage) -> None:
    stage.brains.learns = True
    gate = stage.rollouts.gate(0, 2)
    async with stage.governing(document()) as (run, _):
        await stage.logged("rollout 0: committed 1")
        token = stage.broker.token("brain apprentice")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.lost(token, "PROCESS_DIED", "Process 8 ended with -9."))
        await stage.logged("brain apprentice: start", times=2)
        gate.set()
    assert stage.status(run) is Status.FINISHED
    assert told_after_the_loss(stage)[:4] == ["start", "give 0/0", "give 0/1", "given"]


async def test_a_brain_that_learns_in_rounds_learns_them_again_and_waits_with_what_is_committed_of_the_last(
    stage: Stage,
) -> None:
    stage.brains.learns = True
    gate = stage.rollouts.gate(1, 2)
    async with stage.governing(document(phase(worker=2, episodes=4))) as (run, _):
        await stage.logged("rollout 0: committed 2")
        token = stage.broker.token("brain apprentice")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.lost(token, "PROCESS_DIED", "Process 8 ended with -9."))
        await stage.logged("brain apprentice: start", times=2)
        gate.set()
    assert stage.status(run) is Status.FINISHED
    assert told_after_the_loss(stage) == [
        "start",
        "give 0/0",
        "give 1/0",
        "learn round 0: 0/0, 1/0",
        "give 0/1",
        "give 1/1",
        "learn round 1: 0/1, 1/1",
        "give 0/2",
        "given",
        "learn round 2: 0/2, 1/2",
        "learn round 3: 0/3, 1/3",
        "save",
        "shutdown",
    ]


async def test_a_brain_with_a_saved_state_is_given_only_what_that_lacks(stage: Stage) -> None:
    stage.brains.learns = True
    stage.brains.contains = lambda: tuple(EpisodeKey(0, Mode.TRAIN, rollout, 1) for rollout in range(2))
    gate = stage.rollouts.gate(1, 3)
    async with stage.governing(document(phase(worker=2, episodes=5), head="save_every: 2\n")) as (run, _):
        await stage.logged("rollout 0: committed 3")
        token = stage.broker.token("brain apprentice")
        await stage.watched(token)
        stage.broker.happen(SessionEvent.lost(token, "PROCESS_DIED", "Process 8 ended with -9."))
        await stage.logged("brain apprentice: start", times=2)
        gate.set()
    assert stage.status(run) is Status.FINISHED
    assert told_after_the_loss(stage)[:6] == [
        "start",
        "give 0/2",
        "give 1/2",
        "learn round 2: 0/2, 1/2",
        "give 0/3",
        "given",
    ]
    started = stage.brains.of("apprentice").started
    assert (started.policy_version, started.contains) == (2, stage.brains.contains())


async def test_what_the_last_round_asks_for_is_heeded_by_who_learns_it_again(stage: Stage) -> None:
    stage.brains.learns = True
    run = await stage.submit(document(phase(worker=2, episodes=4)))
    for rollout in range(2):
        stage.store.commit(run, EpisodeKey(0, Mode.TRAIN, rollout, 0))
    stage.brains.flow = lambda learn: SimulationFlowControl.STOP_PHASE
    await stage.governor(run).run()
    assert stage.status(run) is Status.FINISHED
    assert stage.store.keys(run) == [(0, 0), (1, 0)]


def told_after_the_loss(stage: Stage) -> list[str]:
    told = [line.removeprefix("brain apprentice: ") for line in stage.log.of("brain apprentice: ")]
    return told[told.index("start", 1) :]


async def test_who_waits_for_its_round_makes_room_for_one_that_is_lost_with_its_slot(stage: Stage) -> None:
    stage.brains.learns = True
    stage.rollouts.endings[1, 1] = [LOST]
    gate = stage.rollouts.gate(1, 1)
    stage.broker.slots = {"simulation": 2}
    async with stage.governing(document(phase(worker=2, episodes=3))) as (run, _):
        await stage.logged("rollout 0: committed 1")
        stage.broker.slots = {"simulation": 1}
        gate.set()
    assert stage.status(run) is Status.FINISHED
    assert stage.store.keys(run) == [(rollout, episode) for rollout in range(2) for episode in range(3)]
