"""The acting half in its session: by chance while it trains, the best it knows otherwise."""

from typing import Any

import numpy as np
import pytest

from sparring.agent import NormFilter
from sparring.agent.learners import PPOMuscle
from sparring.agent.learners.network import Network
from sparring.agent.learners.snapshot import Snapshot
from sparring.agent.muscle_instance import MuscleInstance
from sparring.types.errors import AuthorError
from sparring.types.frames import Act, Acted, MuscleReset, Policy, ResetMuscle
from sparring.types.free_value import from_free_value, to_free_value
from sparring.types.layout import Layout
from sparring.types.mode import Mode
from sparring.types.space import Box, Discrete
from tests.unit.agent.sessions import begin, declare

SENSORS = declare(x=Box(-9, 9, (2,), np.float32), n=Discrete(2))
ACTUATORS = declare(gear=Discrete(3, start=1), push=Box(-1.0, 1.0, (2,), np.float32))
READINGS = Layout([each.space for each in SENSORS])
SETPOINTS = Layout([each.space for each in ACTUATORS])
SIZES = (4, 6, 3 + 5 + 5)


def policy(number: int = 3, seed: int = 1) -> Policy:
    """Return a policy of chance."""
    chance = np.random.default_rng(seed)
    weights, averaged = (chance.normal(size=Network(SIZES).count) for _ in range(2))
    mean, scale = np.array([1.0, -1.0, 0.0, 0.0]), np.array([2.0, 0.5, 1.0, 1.0])
    return Policy(number, to_free_value(Snapshot(number, 5, SIZES, weights, averaged, mean, scale).arrays()))


def session(seed: int = 11, mode: Mode = Mode.TRAIN, **more: Any) -> MuscleInstance:
    return begin(PPOMuscle, SENSORS, ACTUATORS, seed=seed, mode=mode, **{"policy": policy(), **more})


def ask(muscle: MuscleInstance, step: int, update: Policy | None = None) -> Acted:
    reading = [np.array([np.sin(step), np.cos(2 * step)], np.float32), step % 2]
    muscle.send(Act(READINGS.pack(reading), policy=update))
    answer = muscle.receive(1)
    assert isinstance(answer, Acted)
    return answer


def play(muscle: MuscleInstance, count: int = 20) -> list[Acted]:
    return [ask(muscle, step) for step in range(count)]


def reset(muscle: MuscleInstance, *given: Any, **more: Any) -> None:
    muscle.send(ResetMuscle(*given, **more))
    assert isinstance(muscle.receive(1), MuscleReset)


def test_while_it_trains_chance_is_that_of_the_episode() -> None:
    played = [play(session(seed)) for seed in (11, 11, 12)]
    assert played[0] == played[1]
    assert played[0] != played[2]


def test_in_a_test_there_is_no_chance() -> None:
    assert play(session(11, Mode.TEST)) == play(session(12, Mode.TEST))


def test_a_test_takes_the_most_likely_values_of_the_averaged_policy() -> None:
    snapshot = Snapshot.of(from_free_value(policy().snapshot))
    network = Network(SIZES)
    muscle = session(mode=Mode.TEST)
    for step in range(20):
        x, n = np.array([np.sin(step), np.cos(2 * step)], np.float32), step % 2
        features = np.array([*x, 1 - n, n], np.float64)
        logits = network.forward(snapshot.averaged, (features - snapshot.mean) * snapshot.scale)[-1]
        gear, push = SETPOINTS.unpack(ask(muscle, step).setpoints)
        assert gear == 1 + logits[:3].argmax()
        assert isinstance(push, np.ndarray)
        assert push.tolist() == [-1 + 0.5 * logits[3:8].argmax(), -1 + 0.5 * logits[8:].argmax()]


def test_values_are_drawn_as_often_as_the_policy_says() -> None:
    snapshot = Snapshot.of(from_free_value(policy().snapshot))
    muscle = session()
    features = np.array([np.sin(1), np.cos(2), 0, 1])
    logits = Network(SIZES).forward(snapshot.weights, (features - snapshot.mean) * snapshot.scale)[-1][:3]
    expected = np.exp(logits) / np.exp(logits).sum()
    gears = [int(SETPOINTS.unpack(ask(muscle, 1).setpoints)[0]) for _ in range(3000)]  # type: ignore[call-overload]
    shares = np.bincount(np.array(gears) - 1, minlength=3) / 3000
    assert np.abs(shares - expected).max() < 0.04


@pytest.mark.parametrize("mode", [Mode.TRAIN, Mode.TEST])
def test_a_reset_with_a_policy_equals_a_fresh_start(mode: Mode) -> None:
    muscle = session(1, Mode.TRAIN, policy=policy(1, seed=5))
    play(muscle, 3)
    reset(muscle, (11,), policy=policy(), mode=mode)
    assert play(muscle) == play(session(11, mode))


def test_it_tells_the_number_of_its_policy_once_and_whenever_it_changes() -> None:
    muscle = session()
    said = [each.data and from_free_value(each.data) for each in play(muscle, 3)]
    assert said == [3, None, None]
    assert ask(muscle, 3, policy(4, seed=2)).data == to_free_value(4)
    assert ask(muscle, 4).data is None
    reset(muscle, (12,), mode=Mode.EVALUATE)
    assert [each.data and from_free_value(each.data) for each in play(muscle, 2)] == [-1, None]


def test_without_a_policy_it_says_what_is_missing() -> None:
    with pytest.raises(AuthorError) as caught:
        ask(session(policy=None), 0)
    assert "PPOBrain" in caught.value.message


def test_behind_a_filter_it_says_that_it_cannot() -> None:
    with pytest.raises(AuthorError) as caught:
        ask(session(policy=None, filters=[(NormFilter, {})]), 0)
    assert "filters" in caught.value.message
