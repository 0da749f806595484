"""A brain session is a fold over committed experience."""

import math
from typing import Any

import numpy as np
import pytest

from sparring.agent.brain_instance import BrainInstance
from sparring.types.declaration import Component, FreeValue
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError, NotFoundError
from sparring.types.flow import SimulationFlowControl
from sparring.types.free_value import from_free_value, to_free_value
from sparring.types.lanes import LaneWeaver
from sparring.types.learning import DiscardEpisode, EpisodeEnd, ExperienceBatch, ExperienceStep, Learn, Learning, Saved
from sparring.types.mode import Mode
from sparring.types.values import Values
from tests.support.classes import resolve
from tests.unit.agent.experience import (
    ACTUATORS,
    HERE,
    REWARDS,
    SENSORS,
    key,
    layout,
    readings,
    start,
    started,
    steps,
    tell,
)

NORM = (Component("sparring.agent:NormFilter", {"batch_size": 2, "norm_objective_after": 1}),)


def policy_of(answer: Any) -> tuple[int, float]:
    assert answer.policy is not None
    return answer.policy.version, float(from_free_value(answer.policy.snapshot)["value"][0])


def test_objectives_are_told_at_once_and_nan_where_there_is_nothing_to_say() -> None:
    brain, _ = started()
    objectives = [answer.objectives for answer in tell(brain, 0)]
    assert math.isnan(objectives[0][0])
    assert objectives[1:] == [(0.5 + 0.2,), (1.0 + 0.1 * 3,), (1.5 + 0.4,)]


def test_batches_make_no_difference() -> None:
    one, other = started()[0], started()[0]
    single = [value for answer in tell(one, 0) for value in answer.objectives]
    joined = [value for answer in tell(other, 0, batch=3) for value in answer.objectives]
    assert np.array_equal(single, joined, equal_nan=True)
    assert one.learn(Learn(0, (key(0),))) == other.learn(Learn(0, (key(0),)))
    assert one.save() == other.save()


def test_in_episode_mode_nothing_is_learned_before_the_round_and_then_in_its_order() -> None:
    brain, begun = started(rollouts=2)
    assert begun.learns
    assert begun.policy is None
    for rollout in (1, 0):
        assert all(answer.policy is None for answer in tell(brain, 0, rollout=rollout))
    learned = brain.learn(Learn(0, (key(0, 0), key(0, 1))))
    assert learned.policy is not None
    assert from_free_value(learned.policy.snapshot)["by"] == "thinker.1.0"
    other, _ = started(rollouts=2)
    for rollout in (0, 1):
        tell(other, 0, rollout=rollout, batch=4)
    assert other.learn(Learn(0, (key(0, 0), key(0, 1)))) == learned
    assert dict(learned.statistics)["value"] == policy_of(learned)[1]


def test_versions_count_up_from_the_beginning() -> None:
    brain, _ = started()
    versions = []
    for episode in range(3):
        tell(brain, episode)
        versions.append(policy_of(brain.learn(Learn(episode, (key(episode),))))[0])
    assert versions == [1, 2, 3]
    assert brain.save().policy_version == 3
    assert brain.join(0, 1).policy is not None


def test_a_discarded_episode_leaves_no_trace() -> None:
    brain, plain = started()[0], started()[0]
    tell(brain, 0)
    brain.discard(0, DiscardEpisode(key(0)))
    with pytest.raises(FailedPreconditionError) as caught:
        brain.learn(Learn(0, (key(0),)))
    assert caught.value.reason == "EXPERIENCE_MISSING"
    tell(brain, 0)
    tell(plain, 0)
    assert brain.learn(Learn(0, (key(0),))) == plain.learn(Learn(0, (key(0),)))
    assert brain.save() == plain.save()


def test_an_episode_that_begins_anew_replaces_what_came_before() -> None:
    brain, plain = started()[0], started()[0]
    tell(brain, 0, count=3, end=False)
    brain.join(0, 1)
    tell(brain, 0)
    tell(plain, 0)
    assert brain.learn(Learn(0, (key(0),))) == plain.learn(Learn(0, (key(0),)))


def test_what_is_contained_already_is_not_learned_twice() -> None:
    brain, _ = started()
    tell(brain, 0)
    brain.learn(Learn(0, (key(0),)))
    before = brain.save()
    assert brain.learn(Learn(0, (key(0),))).policy is None
    assert brain.save() == before


@pytest.mark.parametrize("learning", [Learning.EPISODE, Learning.STEP])
@pytest.mark.parametrize("filters", [(), NORM])
@pytest.mark.parametrize("size_limit", [6, 1000])
def test_a_saved_brain_goes_on_with_equal_bits(learning: Learning, filters: Any, size_limit: int) -> None:
    parameters = {"size_limit": size_limit}

    def tell_all(brain: BrainInstance, episode: int) -> Any:
        answers = told(brain, episode, filters)
        return answers, brain.learn(Learn(episode, (key(episode),)))

    whole, _ = started(learning=learning, parameters=parameters, filters=filters)
    for episode in range(3):
        tell_all(whole, episode)
    saved = whole.save()
    assert saved.contains == (key(2),)
    resumed, begun = started(learning=learning, parameters=parameters, filters=filters, state=saved.state)
    assert begun.policy is not None
    assert begun.policy.snapshot == whole.join(0, 1).policy.snapshot
    for episode in range(3, 6):
        one, other = tell_all(whole, episode), tell_all(resumed, episode)
        assert snapshots(one) == snapshots(other)
    one_state, other_state = whole.save(), resumed.save()
    assert one_state.state == other_state.state
    assert one_state.contains == other_state.contains


def told(brain: BrainInstance, episode: int, filters: Any) -> list[Any]:
    """Tell of an episode, with data as the muscle's half of the filter sends it."""
    found = steps(episode)
    for number, step in enumerate(found):
        if filters:
            step.data = to_free_value({"data": number * 0.5, "seen": np.array([1.0, number, np.nan])})
    answers = [brain.consider(0, ExperienceBatch((episode,), at, (step,))) for at, step in enumerate(found)]
    brain.consider(0, EpisodeEnd(key(episode), 0, len(found), readings(episode, len(found))))
    return answers


def snapshots(answers: Any) -> list[FreeValue]:
    considered, learned = answers
    return [answer.policy.snapshot for answer in (*considered, learned) if answer.policy is not None]


def test_in_step_mode_every_step_brings_a_policy() -> None:
    brain, _ = started(learning=Learning.STEP)
    assert [policy_of(answer)[0] for answer in tell(brain, 0)] == [1, 2, 3, 4]
    assert brain.learn(Learn(0, (key(0),))).policy is None
    assert brain.save().contains == (key(0),)


def test_a_brain_that_learned_from_a_lost_episode_is_not_saved_and_does_not_go_on() -> None:
    brain, _ = started(learning=Learning.STEP)
    tell(brain, 0)
    tell(brain, 1, count=2, end=False)
    with pytest.raises(FailedPreconditionError) as caught:
        brain.save()
    assert caught.value.reason == "EPISODE_IN_PROGRESS"
    brain.join(0, 1)
    with pytest.raises(FailedPreconditionError) as caught:
        tell(brain, 1)
    assert caught.value.reason == "EPISODE_THOUGHT_ALREADY"


def test_a_brain_that_learned_from_a_discarded_episode_is_not_saved() -> None:
    brain, _ = started(learning=Learning.STEP)
    tell(brain, 0)
    brain.discard(0, DiscardEpisode(key(0)))
    with pytest.raises(FailedPreconditionError):
        brain.save()


def test_async_learning_goes_on_after_a_loss() -> None:
    brain, _ = started(learning=Learning.ASYNC, rollouts=2)
    tell(brain, 0, count=2, end=False)
    tell(brain, 0, rollout=1)
    brain.join(0, 1)
    tell(brain, 0)
    assert brain.save().contains == (key(0, 0), key(0, 1))


@pytest.mark.parametrize("learning", [Learning.STEP, Learning.EPISODE, Learning.ASYNC])
def test_a_brain_that_does_not_learn_thinks_of_every_step_and_gives_no_policy(learning: Learning) -> None:
    brain, begun = started("Watcher", learning)
    assert not begun.learns
    answers = tell(brain, 0)
    assert all(answer.policy is None for answer in answers)
    assert dict(answers[-1].statistics) == {"seen": 4.0}
    assert brain.learn(Learn(0, (key(0),))).policy is None
    assert brain.save() == Saved(FreeValue("application/json", b"null"), (key(0),), 0)


def test_in_a_test_phase_no_policy_changes() -> None:
    brain, begun = started(learning=Learning.NONE, mode=Mode.TEST)
    assert not begun.learns
    assert all(answer.policy is None for answer in tell(brain, 0))


@pytest.mark.parametrize("filters", [(), NORM])
def test_a_test_leaves_a_brain_as_it_was_loaded(filters: Any) -> None:
    trained, _ = started(learning=Learning.STEP, filters=filters)
    told(trained, 0, filters)
    loaded = trained.save().state
    tested, _ = started(learning=Learning.NONE, mode=Mode.TEST, filters=filters, state=loaded)
    told(tested, 0, filters)
    assert tested.save().state == loaded


def test_a_brain_that_cannot_be_saved_contains_nothing() -> None:
    brain, _ = started("Forgetful")
    tell(brain, 0)
    brain.learn(Learn(0, (key(0),)))
    assert brain.save().contains == ()


def test_evaluation_is_not_contained() -> None:
    brain, _ = started("Watcher")
    brain.consider(0, ExperienceBatch((0,), 0, tuple(steps(0))))
    brain.consider(0, EpisodeEnd(key(0, mode=Mode.EVALUATE), 0, 4, readings(0, 4)))
    assert brain.save().contains == ()


def test_lanes_are_judged_like_single_episodes_and_idle_ones_say_nothing() -> None:
    brain, _ = started(lanes=2)
    single, _ = started()
    long, short = steps(0, 4), steps(1, 2)
    rewards = [*REWARDS]
    answers = []
    for number, step in enumerate(long):
        rewards += step.declared_rewards if number else ()
        other = short[number] if number < 2 else None
        pairs = ((SENSORS, "readings"), (ACTUATORS, "setpoints"), (tuple(rewards), "rewards"))
        joined = [
            LaneWeaver([each.space for each in declared], 2).join(
                [getattr(step, name), None if other is None else getattr(other, name)]
            )
            for declared, name in pairs
        ]
        together = ExperienceStep(*joined, declared_rewards=step.declared_rewards)
        together.terminated = (number == 3, number == 1)
        answers.append(brain.consider(0, ExperienceBatch((0, 1), number, (together,))))
    both = [list(answer.objectives) for answer in answers]
    own = [
        [value for answer in tell(single, episode, count) for value in answer.objectives]
        for episode, count in ((0, 4), (1, 2))
    ]
    assert np.array_equal([pair[0] for pair in both], own[0], equal_nan=True)
    assert np.array_equal([pair[1] for pair in both], [*own[1], math.nan, math.nan], equal_nan=True)
    final = LaneWeaver([each.space for each in SENSORS], 2).join([readings(0, 4), readings(1, 2)])
    brain.consider(0, EpisodeEnd(key(1), 1, 2, final))
    brain.consider(0, EpisodeEnd(key(0), 0, 4, final))
    assert brain.learn(Learn(0, (key(0), key(1)))).policy is not None


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        (ExperienceBatch((0,), 2, tuple(steps(0)[2:3])), "EXPERIENCE_MISPLACED"),
        (ExperienceBatch((1,), 1, tuple(steps(1)[1:2])), "EXPERIENCE_MISPLACED"),
        (ExperienceBatch((0, 1), 0, tuple(steps(0)[:1])), "EXPERIENCE_MISPLACED"),
        (ExperienceBatch((0,), 1, (ExperienceStep(Values(b""), Values(b""), Values(b"")),)), "PACKED_INVALID"),
    ],
)
def test_experience_that_does_not_fit_is_refused_without_harm(batch: ExperienceBatch, reason: str) -> None:
    brain, plain = started()[0], started()[0]
    for each in (brain, plain):
        each.consider(0, ExperienceBatch((0,), 0, tuple(steps(0)[:1])))
    with pytest.raises(InvalidArgumentError) as caught:
        brain.consider(0, batch)
    assert caught.value.reason == reason
    if batch.first_step:
        rest = ExperienceBatch((0,), 1, tuple(steps(0)[1:]))
        assert brain.consider(0, rest) == plain.consider(0, rest)


def test_an_end_after_another_number_of_steps_is_refused() -> None:
    brain, _ = started()
    tell(brain, 0, end=False)
    with pytest.raises(InvalidArgumentError) as caught:
        brain.consider(0, EpisodeEnd(key(0), 0, 5, readings(0, 4)))
    assert caught.value.reason == "EXPERIENCE_INCOMPLETE"


def test_an_agent_that_never_acted_has_an_episode_too() -> None:
    brain, _ = started()
    brain.consider(0, EpisodeEnd(key(0), 0, 0, layout(SENSORS).absent))
    assert brain.learn(Learn(0, (key(0),))).policy is None
    assert brain.save().contains == (key(0),)


@pytest.mark.parametrize(("fault", "text"), [("raise", "RuntimeError: no mood"), ("text", "returned str")])
def test_an_objective_that_fails_is_named(fault: str, text: str) -> None:
    brain, _ = started(objective=Component(f"{HERE}:Mood", {"fault": fault}))
    with pytest.raises(AuthorError) as caught:
        tell(brain, 7)
    error = caught.value
    assert error.reason == "AUTHOR_CODE_FAILED"
    assert {name: error.metadata[name] for name in ("agent", "part", "step", "episode")} == {
        "agent": "thinker",
        "part": "objective",
        "step": "2",
        "episode": "7",
    }
    assert text in error.message


def test_a_brain_that_fails_is_named_and_says_so_to_everybody_from_then_on() -> None:
    brain, _ = started(parameters={"fault_at": 2})
    tell(brain, 0)
    with pytest.raises(AuthorError) as caught:
        brain.learn(Learn(0, (key(0),)))
    assert caught.value.metadata["part"] == "brain"
    assert "ValueError: a headache" in caught.value.message
    assert "brains.py:" in caught.value.message
    for call in (brain.save, lambda: tell(brain, 1)):
        with pytest.raises(AuthorError) as again:
            call()
        assert again.value is caught.value


def test_a_policy_that_cannot_be_encoded_is_named() -> None:
    brain, _ = started("Odd", Learning.STEP)
    with pytest.raises(AuthorError) as caught:
        tell(brain, 0)
    assert caught.value.reason == "VALUE_UNENCODABLE"
    assert "class object" in caught.value.message


@pytest.mark.parametrize(
    ("component", "kind", "reason"),
    [
        (Component("sparring.agent:DummyObjective", {"rewards": 1}), InvalidArgumentError, "PARAMETERS_INVALID"),
        (Component("sparring.agent:DummyMuscle", {}), InvalidArgumentError, "CLASS_UNSUITABLE"),
        (Component("sparring.agent:Nothing", {}), NotFoundError, "COMPONENT_UNKNOWN"),
    ],
)
def test_a_wrong_objective_is_refused_at_the_start(component: Component, kind: Any, reason: str) -> None:
    with pytest.raises(kind) as caught:
        BrainInstance(resolve).start(start(objective=component))
    assert caught.value.reason == reason


def test_conditions_look_at_the_last_objectives_of_the_episode() -> None:
    condition = Component(
        "sparring.experiment.conditions.objective:AgentObjectiveTerminationCondition", {"thinker": {"brain_avg2": 1.6}}
    )
    brain, _ = started(conditions=(condition,))
    flows = [answer.flow_control for answer in tell(brain, 0)]
    assert flows == [SimulationFlowControl.CONTINUE] * 3 + [SimulationFlowControl.RESET]


def test_calls_out_of_turn_are_refused() -> None:
    brain = BrainInstance(resolve)
    for call in (brain.save, lambda: brain.join(0, 1), lambda: tell(brain, 0)):
        with pytest.raises(FailedPreconditionError):
            call()
    brain.start(start())
    with pytest.raises(FailedPreconditionError):
        tell(brain, 0)
    with pytest.raises(FailedPreconditionError):
        brain.start(start())
    brain.shutdown()
    brain.close()
    with pytest.raises(FailedPreconditionError):
        brain.save()
