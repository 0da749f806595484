"""Rounds: who learns from what, in which order, and when the next episode may begin."""

from __future__ import annotations

import random

import pytest

from sparring.governor.run_record import Status
from sparring.types.errors import DeadlineError
from sparring.types.flow import SimulationFlowControl
from tests.unit.governor.stage import Stage, document, phase

ENOUGH = """\
run_config:
  condition: {{name: "sparring.experiment:AgentObjectiveTerminationCondition", params: {{apprentice: {{{}}}}}}}
"""


def learned(stage: Stage) -> list[str]:
    return [line.removeprefix("brain apprentice: learn ") for line in stage.log.of("brain apprentice: learn")]


async def test_without_anybody_who_learns_all_episodes_are_allowed_at_once(stage: Stage) -> None:
    await stage.play(document(phase(worker=2, episodes=4)))
    assert {stream.decisions[0].episodes_below for stream in stage.rollouts.streams} == {4}
    assert stage.log.of("rollout 0: decide CONTINUE") == []


async def test_learning_by_steps_needs_no_rounds(stage: Stage) -> None:
    stage.brains.learns = True
    await stage.play(document(phase(episodes=4, more="learning: step")))
    assert [decision.episodes_below for decision in stage.rollouts.streams[0].decisions] == [4, 4]
    assert learned(stage) == []


async def test_a_round_is_learnt_from_in_the_order_of_rollout_workers(stage: Stage) -> None:
    stage.brains.learns = True
    ended = await stage.play(document(phase(worker=3, episodes=2)))
    assert ended.status is Status.FINISHED
    assert learned(stage) == ["round 0: 0/0, 1/0, 2/0", "round 1: 0/1, 1/1, 2/1"]


@pytest.mark.parametrize("seed", range(10))
async def test_the_order_of_learning_is_that_of_rollout_workers_whatever_arrives_first(stage: Stage, seed: int) -> None:
    stage.brains.learns = True
    order = [(rollout, episode) for episode in range(2) for rollout in range(3)]
    random.Random(seed).shuffle(order)
    order.sort(key=lambda each: each[1])
    gates = {each: stage.rollouts.gate(*each) for each in order}
    async with stage.governing(document(phase(worker=3, episodes=2))):
        for rollout, episode in order:
            gates[rollout, episode].set()
            await stage.logged(f"rollout {rollout}: committed {episode}")
    assert learned(stage) == ["round 0: 0/0, 1/0, 2/0", "round 1: 0/1, 1/1, 2/1"]


async def test_the_next_round_begins_with_the_policies_of_the_last_one(stage: Stage) -> None:
    stage.brains.learns = True
    await stage.play(document(phase(worker=2, episodes=3)))
    for stream in stage.rollouts.streams:
        playing = [one for one in stream.decisions if one.flow_control is SimulationFlowControl.CONTINUE]
        said = [(one.episodes_below, dict(one.policy_versions)) for one in playing]
        assert said == [(1, {"apprentice": 0}), (2, {"apprentice": 1}), (3, {"apprentice": 2})]


async def test_nobody_begins_the_next_round_before_this_one_is_learnt(stage: Stage) -> None:
    stage.brains.learns = True
    gate = stage.rollouts.gate(1, 0)
    async with stage.governing(document(phase(worker=2, episodes=2))):
        await stage.logged("rollout 0: committed 0")
        assert stage.log.of("rollout 0: committed 1") == []
        gate.set()
    assert stage.log.first("brain apprentice: learn round 0") < stage.log.first("rollout 0: committed 1")


async def test_test_phases_do_not_learn(stage: Stage) -> None:
    stage.brains.learns = True
    await stage.play(document(phase("only", mode="test", worker=2)))
    assert learned(stage) == []
    assert {stream.decisions[0].episodes_below for stream in stage.rollouts.streams} == {3}


async def test_states_are_saved_between_rounds_and_at_the_end(stage: Stage) -> None:
    stage.brains.learns = True
    await stage.play(document(phase(worker=2, episodes=5), head="save_every: 2\n"))
    saves = ["save apprentice episode-2", "save apprentice episode-4", "save apprentice phase-end"]
    assert stage.log.of("save") == saves


async def test_by_steps_states_are_saved_with_the_rollout_worker_waiting(stage: Stage) -> None:
    stage.brains.learns = True
    await stage.play(document(phase(episodes=5, more="learning: step"), head="save_every: 2\n"))
    assert stage.log.of("save")[:2] == ["save apprentice episode-2", "save apprentice episode-4"]
    below = [decision.episodes_below for decision in stage.rollouts.streams[0].decisions]
    assert below == [2, 4, 5, 5]
    assert stage.log.first("save apprentice episode-2") < stage.log.first("rollout 0: committed 2")


async def test_a_condition_on_results_is_asked_once_per_round(stage: Stage) -> None:
    stage.rollouts.objectives = lambda key: {"apprentice": 10.0 * key.episode}
    ended = await stage.play(document(phase(worker=2, episodes=50), tail=ENOUGH.format("phase_avg2: 1.5")))
    assert ended.status is Status.FINISHED
    assert stage.store.keys(ended.run) == [(rollout, episode) for rollout in range(2) for episode in range(3)]
    stopping = next(one for one in stage.store.transitions if one.state == "STOPPING_SIMULATION")
    assert stopping.message.startswith("objective: apprentice: mean objective of the last 2 episodes is 1.5")


async def test_a_phase_without_a_number_of_episodes_is_ended_by_results(stage: Stage) -> None:
    stage.rollouts.objectives = lambda key: {"apprentice": 10.0 * key.episode}
    text = phase().replace(", episodes: 3", "")
    ended = await stage.play(document(text, tail=ENOUGH.format("phase_avg1: 4")))
    assert stage.store.keys(ended.run) == [(0, episode) for episode in range(5)]


async def test_a_brain_may_end_the_run(stage: Stage) -> None:
    stage.brains.learns = True
    stage.brains.flow = lambda learn: (
        SimulationFlowControl.SHUTDOWN if learn.round == 1 else SimulationFlowControl.CONTINUE
    )
    text = document(phase(worker=2, episodes=9), phase("test", mode="test"))
    ended = await stage.play(text)
    assert (ended.status, ended.phase) == (Status.FINISHED, 0)
    assert stage.store.keys(ended.run) == [(0, 0), (0, 1), (1, 0), (1, 1)]


async def test_asynchronous_learning_has_no_rounds(stage: Stage) -> None:
    stage.brains.learns = True
    gate = stage.rollouts.gate(1, 0)
    async with stage.governing(document(phase(worker=2, episodes=3, more="learning: async"))):
        await stage.logged("rollout 0: committed 2")
        gate.set()
    assert learned(stage) == []


@pytest.mark.parametrize("slots", [1, 2, 3])
async def test_with_fewer_slots_rollout_workers_take_turns_and_the_results_are_the_same(
    stage: Stage, slots: int
) -> None:
    stage.brains.learns = True
    stage.broker.slots = {"simulation": slots}
    ended = await stage.play(document(phase(worker=4, episodes=3)))
    assert ended.status is Status.FINISHED
    assert learned(stage) == [
        f"round {number}: " + ", ".join(f"{rollout}/{number}" for rollout in range(4)) for number in range(3)
    ]
    assert stage.broker.held == {}


async def test_without_rounds_rollout_workers_play_one_after_the_other(stage: Stage) -> None:
    stage.broker.slots = {"environment": 1}
    ended = await stage.play(document(phase(worker=3, episodes=2)))
    assert stage.store.keys(ended.run) == [(rollout, episode) for rollout in range(3) for episode in range(2)]
    assert len(stage.rollouts.streams) == 3


async def test_a_rollout_worker_waits_for_its_bundle_as_long_as_others_play(stage: Stage) -> None:
    stage.broker.slots = {"environment": 1}
    gate = stage.rollouts.gate(0, 0)
    late = DeadlineError("BUNDLE_UNAVAILABLE", "environment: 0 of 1 slots free.")
    stage.broker.impatient = late
    async with stage.governing(document(phase(worker=2, episodes=1))) as (run, _):
        await stage.logged("acquire simulation, store", times=3)
        gate.set()
        stage.broker.impatient = None
    assert stage.status(run) is Status.FINISHED
