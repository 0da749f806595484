"""The learning half in its session: what it takes, when it changes, what it refuses."""

from typing import Any

import numpy as np
import pytest

from sparring.agent.brain_instance import BrainInstance
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.episode import EpisodeKey
from sparring.types.errors import AuthorError
from sparring.types.free_value import from_free_value, to_free_value
from sparring.types.layout import Layout
from sparring.types.learning import (
    BrainStarted,
    EpisodeEnd,
    ExperienceBatch,
    ExperienceStep,
    Learn,
    Learning,
    StartBrain,
)
from sparring.types.mode import Mode
from sparring.types.space import Box, Discrete, Text
from sparring.types.values import Values
from tests.support.classes import resolve

SENSORS = (Declaration("w.s", Box(-np.inf, np.inf, (2,), np.float64)),)
ACTUATORS = (Declaration("w.a", Discrete(3)),)
REWARDS = (Declaration("w.r", Box(-9, 9, (), np.float64)),)
READINGS, SETPOINTS, GIVEN = (Layout([each[0].space]) for each in (SENSORS, ACTUATORS, REWARDS))
SMALL = {"batch_steps": 40, "minibatch": 20, "hidden": [4]}


def started(
    learning: Learning = Learning.EPISODE, mode: Mode = Mode.TRAIN, state: FreeValue | None = None, **more: Any
) -> tuple[BrainInstance, BrainStarted]:
    brain = BrainInstance(resolve)
    answer = brain.start(
        StartBrain(
            Component("sparring.agent.learners:PPOBrain", {**SMALL, **more.pop("parameters", {})}),
            Component("sparring.agent:DummyObjective", {}),
            "pupil",
            more.get("sensors", SENSORS),
            more.get("actuators", ACTUATORS),
            7,
            mode,
            learning,
            state=state,
        )
    )
    for rollout in range(2):
        brain.join(rollout, 1)
    return brain, answer


def read(chance: np.random.Generator) -> Values:
    return READINGS.pack([chance.normal(size=2)])


def tell(brain: BrainInstance, episode: int, rollout: int = 0, policy: int | None = 0, count: int = 20) -> list[Any]:
    """Tell of an episode of chance, a step at a time."""
    chance = np.random.default_rng([episode, rollout])
    answers = []
    for step in range(count):
        answer = int(chance.integers(3))
        experience = ExperienceStep(
            read(chance),
            SETPOINTS.pack([answer]),
            GIVEN.pack([float(answer)]),
            terminated=(True,) if step == count - 1 else (),
            data=to_free_value(policy) if policy is not None and step == 0 else None,
            declared_rewards=REWARDS if step == 0 else (),
        )
        answers.append(brain.consider(rollout, ExperienceBatch((episode,), step, (experience,))))
    brain.consider(rollout, EpisodeEnd(key(episode, rollout), 0, count, read(chance)))
    return answers


def learned_from(brain: BrainInstance, *policies: int) -> Any:
    """Tell of an episode under each policy, let the brain learn from each; return the last answer."""
    answers = []
    for episode, policy in enumerate(policies):
        tell(brain, episode, policy=policy)
        answers.append(brain.learn(Learn(episode, (key(episode),))))
    return answers[-1]


def key(episode: int, rollout: int = 0) -> EpisodeKey:
    return EpisodeKey(0, Mode.TRAIN, rollout, episode)


def number(policy: Any) -> int:
    return int(from_free_value(policy.snapshot)["number"])


def test_a_policy_is_there_from_the_beginning() -> None:
    _, answer = started()
    assert answer.learns
    assert answer.policy is not None
    assert (answer.policy.version, number(answer.policy)) == (0, 0)


def test_in_learning_episode_the_policy_changes_in_learn_only() -> None:
    brain, _ = started()
    for rollout in range(2):
        assert all(answer.policy is None for answer in tell(brain, 0, rollout))
    learned = brain.learn(Learn(0, (key(0, 0), key(0, 1))))
    assert learned.policy is not None
    assert (learned.policy.version, number(learned.policy)) == (1, 1)


def test_a_round_that_is_too_short_is_kept_for_the_next() -> None:
    brain, _ = started()
    tell(brain, 0)
    assert brain.learn(Learn(0, (key(0),))).policy is None
    tell(brain, 1)
    assert brain.learn(Learn(1, (key(1),))).policy is not None


def test_in_learning_step_and_async_the_policy_changes_as_soon_as_there_is_enough() -> None:
    for learning in (Learning.STEP, Learning.ASYNC):
        brain, _ = started(learning)
        changes = [answer.policy is not None for answer in tell(brain, 0) + tell(brain, 1)]
        assert changes.index(True) == 39


def test_what_was_done_by_a_policy_before_is_weighed_by_that_one() -> None:
    weighed = []
    for policy in (0, 1):
        brain, _ = started()
        learned = learned_from(brain, 0, 0, policy, policy)
        assert number(learned.policy) == 2
        weighed.append(from_free_value(learned.policy.snapshot)["weights"])
    assert not np.array_equal(*weighed)


@pytest.mark.parametrize("policy", [-1, 5, None])
def test_nothing_is_learned_from_muscles_that_do_not_explore_or_of_which_nothing_is_known(policy: int | None) -> None:
    brain, _ = started()
    for episode in range(3):
        tell(brain, episode, policy=policy)
        assert brain.learn(Learn(episode, (key(episode),))).policy is None


def test_a_test_learns_nothing_and_hands_out_what_was_learned() -> None:
    brain, _ = started()
    learned = learned_from(brain, 0, 0)
    saved = brain.save()
    tested, answer = started(Learning.NONE, Mode.TEST, saved.state)
    assert answer.policy is not None
    assert answer.policy.snapshot == learned.policy.snapshot
    assert all(one.policy is None for episode in range(4) for one in tell(tested, episode))


def test_a_saved_state_that_does_not_fit_is_refused_with_the_reason() -> None:
    saved = started()[0].save()
    with pytest.raises(AuthorError) as caught:
        started(state=saved.state, parameters={"hidden": [5]})
    assert "'hidden'" in caught.value.message
    with pytest.raises(AuthorError) as caught:
        started(state=to_free_value({"weights": [1, 2]}))
    assert "not that of a PPOBrain" in caught.value.message


def test_an_actuator_that_cannot_be_set_by_choice_is_named() -> None:
    with pytest.raises(AuthorError) as caught:
        started(actuators=(Declaration("w.word", Text(3)),))
    assert "w.word" in caught.value.message


def test_infinite_readings_are_refused() -> None:
    brain, _ = started()
    far = READINGS.pack([np.array([np.inf, 0.0])])
    steps = [
        ExperienceStep(far, SETPOINTS.pack([0]), GIVEN.pack([1.0]), data=None if step else to_free_value(0))
        for step in range(40)
    ]
    steps[0].declared_rewards = REWARDS
    brain.consider(0, ExperienceBatch((0,), 0, tuple(steps)))
    brain.consider(0, EpisodeEnd(key(0), 0, 40, far))
    with pytest.raises(AuthorError) as caught:
        brain.learn(Learn(0, (key(0),)))
    assert "infinity" in caught.value.message


@pytest.mark.parametrize(
    "parameters",
    [
        {"levels": 1},
        {"batch_steps": 0},
        {"hidden": [0]},
        {"discount": 1.5},
        {"averaging": -0.1},
        {"learning_rate": 0},
        {"clip": float("inf")},
        {"entropy": -1},
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any]) -> None:
    with pytest.raises(AuthorError) as caught:
        started(parameters=parameters)
    assert next(iter(parameters)) in caught.value.message


def test_a_feature_that_never_varies_and_rewards_that_are_all_alike_do_no_harm() -> None:
    brain, _ = started()
    step = ExperienceStep(READINGS.pack([np.array([5.0, 1e9])]), SETPOINTS.pack([1]), GIVEN.pack([0.0]))
    policies = []
    for episode in range(3):
        first = ExperienceStep(step.readings, step.setpoints, step.rewards, (), (), to_free_value(0), REWARDS)
        brain.consider(0, ExperienceBatch((episode,), 0, (first, *[step] * 40)))
        brain.consider(0, EpisodeEnd(key(episode), 0, 41, step.readings))
        policies.append(brain.learn(Learn(episode, (key(episode),))).policy)
    assert policies[-1] is not None
    arrays = from_free_value(policies[-1].snapshot)
    assert all(np.isfinite(each).all() for each in arrays.values())
    assert arrays["scale"].tolist() == [0, 0]
