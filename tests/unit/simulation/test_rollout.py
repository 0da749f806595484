"""A rollout worker plays what its plan says, commits it, and says what went wrong."""

from __future__ import annotations

import threading

import pytest

from sparring.simulation.control import Cause, Decision, RolloutControl
from sparring.types.declaration import Component
from sparring.types.errors import LostError
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Act, StartMuscle
from sparring.types.learning import EpisodeEnd, ExperienceBatch, Learning
from tests.unit.simulation.stage import FakeRecord, Stage, acts_of

COUNTER = "tests.unit.simulation.worlds:Counter"
ONE = {"tank": Component(COUNTER, {"length": 5})}
READS_AND_PUSHES = {"pusher": (["tank.level"], ["tank.push"])}


def test_an_episode_is_played_recorded_and_committed() -> None:
    stage = Stage(ONE, READS_AND_PUSHES)
    outcome = stage.run()
    assert (outcome.cause, outcome.error, outcome.episodes_sent, outcome.steps_sent) == (Cause.COMPLETED, None, 1, 5)
    (summary,) = stage.record_session.summaries
    assert (summary.steps, summary.terminated, summary.truncated) == (5, True, False)
    assert summary.episode_return == 2.0  # pushes 0 1 0 1 0
    assert summary.objectives == {"pusher": 10.0}  # the fake brain values a step by its number: 0+1+2+3+4
    assert sum(rows.steps for rows in stage.record_session.rows[0]) == 6  # the initial state, and five steps
    assert stage.listener.words == ["started"]
    assert [one.key.episode for one in stage.listener.committed] == [0]
    assert stage.record_session.closed
    assert stage.brains["pusher"].closed
    assert stage.muscles["pusher"].closed


def test_muscles_see_the_terminal_state_and_its_setpoints_are_discarded() -> None:
    stage = Stage(ONE, READS_AND_PUSHES)
    stage.run()
    acts = acts_of(stage.muscles["pusher"])
    assert len(acts) == 6
    assert [act.terminated for act in acts] == [()] * 5 + [(True,)]
    assert acts[0].rewards is None
    assert acts[1].rewards is not None


def test_experience_is_what_was_read_set_and_what_followed() -> None:
    stage = Stage(ONE, READS_AND_PUSHES)
    stage.run()
    told = stage.brains["pusher"].told
    batches = [one for one in told if isinstance(one, ExperienceBatch)]
    steps = [step for batch in batches for step in batch.steps]
    assert len(steps) == 5
    assert isinstance(told[-1], EpisodeEnd)
    acts = acts_of(stage.muscles["pusher"])
    assert [step.readings for step in steps] == [act.readings for act in acts[:5]]
    assert [step.rewards for step in steps] == [act.rewards for act in acts[1:]]
    assert [step.terminated for step in steps] == [()] * 4 + [(True,)]
    assert told[-1].final_readings == acts[5].readings


def test_learning_by_steps_sends_each_step_alone() -> None:
    stage = Stage(ONE, READS_AND_PUSHES, learning=Learning.STEP)
    stage.run()
    batches = [one for one in stage.brains["pusher"].told if isinstance(one, ExperienceBatch)]
    assert [len(batch.steps) for batch in batches] == [1] * 5
    assert [batch.first_step for batch in batches] == [0, 1, 2, 3, 4]


def test_the_same_seed_gives_the_same_digests_and_another_seed_others() -> None:
    first, again, other = (Stage(ONE, READS_AND_PUSHES, episodes=3, run_seed=seed) for seed in (1, 1, 2))
    for stage in (first, again, other):
        stage.run()
    assert first.digests() == again.digests()
    assert len(set(first.digests())) == 3
    assert set(first.digests()).isdisjoint(other.digests())


def test_the_digest_does_not_depend_on_the_learning_mode() -> None:
    batched, stepped = Stage(ONE, READS_AND_PUSHES), Stage(ONE, READS_AND_PUSHES, learning=Learning.STEP)
    batched.run(), stepped.run()
    assert batched.digests() == stepped.digests()


def test_committed_episodes_are_not_played_again() -> None:
    stage = Stage(ONE, READS_AND_PUSHES, episodes=3, committed=frozenset({0, 1}))
    stage.run()
    undisturbed = Stage(ONE, READS_AND_PUSHES, episodes=3)
    undisturbed.run()
    assert [one.key.episode for one in stage.record_session.summaries] == [2]
    assert stage.digests() == undisturbed.digests()[2:]


def test_agents_that_take_turns_act_one_after_the_other() -> None:
    agents = {"first": (["tank.level"], ["tank.push"]), "second": (["tank.level"], ["tank.push"])}
    stage = Stage(ONE, agents, controller="taking_turns", policies={"first": lambda _: 4, "second": lambda _: 1})
    stage.run()
    assert stage.record_session.summaries[0].episode_return == 4 + 1 + 4 + 1 + 4
    steps = {
        name: [step for one in brain.told if isinstance(one, ExperienceBatch) for step in one.steps]
        for name, brain in stage.brains.items()
    }
    assert {name: len(each) for name, each in steps.items()} == {"first": 3, "second": 2}


def test_setpoints_of_all_agents_reach_the_environment_together() -> None:
    agents = {"pusher": (["tank.level"], ["tank.push"]), "puller": (["tank.level"], ["tank.pull"])}
    stage = Stage(ONE, agents, policies={"pusher": lambda _: 3, "puller": lambda _: 1})
    stage.run()
    assert stage.record_session.summaries[0].episode_return == 5 * (3 - 1)


def test_the_episode_ends_for_all_environments_when_one_ends() -> None:
    worlds = {"short": Component(COUNTER, {"length": 3}), "long": Component(COUNTER, {"length": 50})}
    stage = Stage(worlds, {"pusher": (["short.level", "long.level"], ["long.push"])}, episodes=2)
    outcome = stage.run()
    assert outcome.cause is Cause.COMPLETED
    assert [one.steps for one in stage.record_session.summaries] == [3, 3]


def test_a_reward_declared_late_is_told_to_everybody_and_forgotten_at_reset() -> None:
    late = Stage({"tank": Component(COUNTER, {"late": True})}, READS_AND_PUSHES, episodes=2)
    outcome = late.run()
    assert outcome.error is None
    assert late.record_session.late == [(0, 0, ("gain",)), (1, 0, ("gain",))]
    assert late.record_session.summaries[0].episode_return == 2.0
    told = [act.declared_rewards for act in acts_of(late.muscles["pusher"]) if act.declared_rewards]
    assert [[one.uid for one in each] for each in told] == [["tank.gain"]] * 2


def test_an_environment_that_raises_fails_the_rollout_naming_it_and_nothing_is_committed() -> None:
    stage = Stage({"tank": Component(COUNTER, {"fail_at": 2})}, READS_AND_PUSHES)
    outcome = stage.run()
    assert outcome.cause is Cause.FAILED
    assert outcome.error is not None
    assert "tank" in outcome.error.message
    assert "the pump is broken" in outcome.error.message
    assert stage.record_session.summaries == []
    assert stage.record_session.dropped == [0]


def test_a_foreign_muscle_outside_its_space_fails_the_rollout_naming_agent_actuator_and_step() -> None:
    stage = Stage(ONE, READS_AND_PUSHES, policies={"pusher": lambda act: 9 if act == 1 else 0}, trusted=False)
    outcome = stage.run()
    assert outcome.cause is Cause.FAILED
    assert outcome.error is not None
    assert outcome.error.reason == "SETPOINT_OUT_OF_SPACE"
    assert (outcome.error.metadata["agent"], outcome.error.metadata["actuator"], outcome.error.metadata["step"]) == (
        "pusher",
        "tank.push",
        "2",
    )


def test_an_unknown_sensor_is_refused_with_a_suggestion() -> None:
    stage = Stage(ONE, {"pusher": (["tank.lvel"], ["tank.push"])})
    outcome = stage.run()
    assert outcome.cause is Cause.FAILED
    assert outcome.error is not None
    assert outcome.error.reason == "ASSIGNMENT_IMPOSSIBLE"
    assert "'tank.level'" in outcome.error.message


def test_a_condition_at_the_brain_ends_the_episode_as_cut_short() -> None:
    stage = Stage(ONE, READS_AND_PUSHES, learning=Learning.STEP)
    stage.brains["pusher"].flow_at_step = {1: SimulationFlowControl.STOP_PHASE}
    stage.run()
    (summary,) = stage.record_session.summaries
    assert (summary.steps, summary.terminated, summary.truncated) == (2, False, True)
    assert stage.listener.flows == [SimulationFlowControl.STOP_PHASE]


def test_it_waits_for_its_allowance_and_ends_when_told_to() -> None:
    stage = Stage(ONE, READS_AND_PUSHES, episodes=1)

    def after(summary: object) -> None:
        played = len(stage.listener.committed)
        stop = SimulationFlowControl.STOP_SIMULATION if played == 3 else SimulationFlowControl.CONTINUE
        stage.control.decide(Decision(stop, played + 1))

    stage.listener.after = after
    stage.run()
    assert [one.key.episode for one in stage.record_session.summaries] == [0, 1, 2]


def test_cancel_drops_the_running_episode() -> None:
    stage = Stage({"tank": Component(COUNTER, {"length": 10**9})}, READS_AND_PUSHES)
    runner = threading.Thread(target=lambda: outcomes.append(stage.run()))
    outcomes: list[object] = []
    runner.start()
    while stage.gauge.steps_played < 10:
        pass
    stage.control.cancel()
    runner.join(10)
    assert outcomes[0].cause is Cause.CANCELLED  # type: ignore[attr-defined]
    assert stage.record_session.summaries == []
    assert stage.record_session.dropped == [0]


def test_a_paused_rollout_holds_at_a_step_boundary_and_goes_on() -> None:
    stage = Stage({"tank": Component(COUNTER, {"length": 10**9})}, READS_AND_PUSHES)
    runner = threading.Thread(target=stage.run)
    runner.start()
    stage.control.pause()
    while "paused" not in stage.listener.words:
        pass
    held = stage.gauge.steps_played
    assert stage.gauge.steps_played == held
    stage.control.resume()
    while stage.gauge.steps_played <= held:
        pass
    stage.control.cancel()
    runner.join(10)
    assert stage.listener.words[-2:] == ["paused", "resumed"]


def test_a_lost_store_is_a_loss_and_not_a_failure() -> None:
    class Gone(FakeRecord):
        def write(self, rows: object) -> None:
            raise LostError("STORE_SILENT", "gone")

    outcome = Stage(ONE, READS_AND_PUSHES, record=Gone()).run()
    assert outcome.cause is Cause.LOST
    assert outcome.error is not None
    assert outcome.error.reason == "STORE_SILENT"


def test_an_older_decision_changes_nothing() -> None:
    control = RolloutControl(Decision(SimulationFlowControl.CONTINUE, 5))
    control.decide(Decision(SimulationFlowControl.STOP_PHASE, 3))
    control.decide(Decision(SimulationFlowControl.CONTINUE, 2))
    assert control.decision.flow_control is SimulationFlowControl.STOP_PHASE
    assert control.decision.episodes_below == 5


@pytest.mark.parametrize("agents", [1, 3])
def test_everybody_gets_a_seed_of_their_own(agents: int) -> None:
    names = {f"agent-{number}": (["tank.level"], []) for number in range(agents)}
    stage = Stage(ONE, names)
    stage.run()
    starts = [muscle.asked[0] for muscle in stage.muscles.values()]
    seeds = {start.episode_seeds for start in starts if isinstance(start, StartMuscle)}
    assert len(seeds) == agents
    assert all(isinstance(one, Act | StartMuscle) or one for muscle in stage.muscles.values() for one in muscle.asked)
