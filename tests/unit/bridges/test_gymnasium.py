"""Environments of gymnasium as environments of Sparring."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Tuple

from sparring.bridges.gymnasium import GymnasiumEnvironment
from sparring.environment.description import describe_environment
from sparring.environment.instance import EnvironmentInstance
from sparring.types.declaration import Component
from sparring.types.errors import AuthorError
from sparring.types.frames import EnvironmentStarted, Reset, Updated
from sparring.types.free_value import from_free_value
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.layout import Layout
from sparring.types.space import equal_spaces
from tests.support.classes import resolve
from tests.unit.bridges.worlds import ECHO, Echo
from tests.unit.environment.sessions import begin, step

NAME = "sparring.bridges.gymnasium:GymnasiumEnvironment"


def session(env_name: str, seed: int = 11, **parameters: Any) -> tuple[EnvironmentInstance, EnvironmentStarted]:
    return begin(GymnasiumEnvironment, seed, parameters={"env_name": env_name, **parameters})


def values(declarations: Any, packed: Any) -> list[Any]:
    return Layout([each.space for each in declarations]).unpack(packed)


def uids(declarations: Any) -> list[str]:
    return [each.uid for each in declarations]


def echo(made: GymnasiumEnvironment) -> Echo:
    found: Any = made._env.unwrapped
    assert isinstance(found, Echo)
    return found


@pytest.mark.parametrize("env_name", ["CartPole-v1", "Acrobot-v1", "Pendulum-v1", "MountainCarContinuous-v0"])
def test_an_episode_is_the_one_that_gymnasium_itself_plays(env_name: str) -> None:
    opened, started = session(env_name, seed=7, max_episode_steps=50)
    own = gymnasium.make(env_name, max_episode_steps=50, disable_env_checker=True)
    own.action_space.seed(3)
    observation, _ = own.reset(seed=7)
    assert np.array_equal(values(started.sensors, started.first.readings)[0], observation)
    for _ in range(50):
        action = own.action_space.sample()
        observation, reward, terminated, truncated, _ = own.step(action)
        updated = step(opened, started, action)
        assert np.array_equal(values(started.sensors, updated.readings)[0], observation)
        assert values(started.rewards, updated.rewards) == [float(reward)]
        assert (updated.terminated == (True,), updated.truncated == (True,)) == (terminated, truncated)
        if terminated or truncated:
            break
    own.close()


def test_names_are_those_of_palaestrai() -> None:
    _, started = session("CartPole-v1")
    assert (uids(started.sensors), uids(started.actuators), uids(started.rewards)) == (["0"], ["0"], ["gym.reward"])
    assert started.actuators[0].space == Discrete(2)


def test_episodes_depend_on_their_own_seed_only() -> None:
    opened, started = session("CartPole-v1", seed=5)
    first = started.first.readings
    step(opened, started, 1)
    opened.send(Reset((6,)))
    other: Any = opened.receive(1)
    opened.send(Reset((5,)))
    again: Any = opened.receive(1)
    assert again.readings == first
    assert other.readings != first


def test_a_time_limit_truncates_and_the_end_of_the_task_terminates() -> None:
    opened, started = session("CartPole-v1", max_episode_steps=3)
    ends = [step(opened, started, number % 2) for number in range(3)]
    assert [(end.terminated, end.truncated) for end in ends] == [((), ()), ((), ()), ((False,), (True,))]
    opened, started = session(ECHO, length=1, end=(True, True))
    both = step(opened, started)
    assert (both.terminated, both.truncated) == ((True,), (False,))


def test_elements_become_sensors_with_names_of_their_own() -> None:
    opened, started = session("CartPole-v1", split_sensors=True, sensor_names=["x", "v", "angle", "turning"])
    assert uids(started.sensors) == ["x", "v", "angle", "turning"]
    assert started.sensors[0].space.shape == ()
    whole, whole_started = session("CartPole-v1")
    updated, expected = step(opened, started, 1), step(whole, whole_started, 1)
    assert np.array_equal(
        np.array(values(started.sensors, updated.readings)), values(whole_started.sensors, expected.readings)[0]
    )


def test_dicts_and_tuples_are_flattened_with_names() -> None:
    opened, started = session(ECHO)
    names = ["arm.joint", "arm.on", "mode", "pair.0", "pair.1"]
    assert (uids(started.sensors), uids(started.actuators)) == (names, names)
    readings = values(started.sensors, step(opened, started).readings)
    assert readings[2] in range(-1, 3)
    assert readings[4] == "s1"
    assert np.array_equal(readings[3], [1, 2])


def test_vectors_inside_of_dicts_are_split_as_well() -> None:
    _, started = session(ECHO, split_sensors=True)
    names = ["arm.joint.0", "arm.joint.1", "arm.on.0", "arm.on.1", "mode", "pair.0.0", "pair.0.1", "pair.1"]
    assert uids(started.sensors) == names
    assert started.sensors[6].space == Discrete(3)
    assert started.sensors[4].space == Discrete(4, start=-1)
    assert equal_spaces(started.sensors[0].space, Box(-1, 1, (), np.float32))


@pytest.mark.parametrize("split", [False, True])
def test_an_action_reaches_the_environment_as_its_space_has_it(split: bool) -> None:
    made = GymnasiumEnvironment(ECHO, split_actuators=split)
    made.reset(1)
    joint, on, pair = np.array([0.5, -0.5], np.float32), np.array([1, 0], np.int8), np.array([1, 2])
    given = [*joint, *on, 2, *pair, "abc"] if split else [joint, on, 2, pair, "abc"]
    made.step(given)
    action = echo(made).actions[0]
    assert made._env.action_space.contains({**action, "mode": np.int64(action["mode"])})
    assert np.array_equal(action["arm"]["joint"], joint)
    assert np.array_equal(action["arm"]["on"], on)
    assert (action["mode"], action["pair"][1]) == (2, "abc")
    assert np.array_equal(action["pair"][0], pair)


@pytest.mark.parametrize(
    ("space", "setpoint"),
    [
        (Discrete(3, start=-1), -1),
        (MultiDiscrete([2, 3], start=[1, -1]), np.array([2, -1])),
        (MultiBinary([2, 2]), np.ones((2, 2), np.int8)),
        (Box(-2, 3, (2, 1), np.float64), np.array([[-2.0], [3.0]])),
        (Box(0, 255, (2,), np.uint8), np.array([0, 255], np.uint8)),
        (Tuple((Discrete(2), Discrete(3, start=5))), (1, 7)),
    ],
)
@pytest.mark.parametrize("split", [False, True])
def test_actions_of_every_kind_pass_through_a_session(space: Any, setpoint: Any, split: bool) -> None:
    opened, started = session(ECHO, action=space, split_actuators=split)
    kept: Any = opened._lanes
    made = kept._lanes[0]._environment
    given = list(np.ravel(np.asarray(setpoint))) if split or isinstance(space, Tuple) else [setpoint]
    step(opened, started, *given)
    action = echo(made).actions[0]
    assert np.array_equal(np.asarray(action), np.asarray(setpoint))
    if isinstance(action, np.ndarray):
        assert (action.dtype, action.shape) == (space.dtype, space.shape)


def test_a_setpoint_holds_until_it_is_set_again() -> None:
    made = GymnasiumEnvironment(ECHO, action=Tuple((Discrete(4, start=2), Box(-1, 1, (1,), np.float32))))
    made.reset(1)
    for given in ([None, None], [3, None], [None, np.array([0.5], np.float32)]):
        made.step(given)
    made.reset(2)
    made.step([None, None])
    assert [(int(gear), float(push[0])) for gear, push in echo(made).actions] == [(2, 0), (3, 0), (3, 0.5), (2, 0)]


def test_observations_outside_of_their_bounds_are_clipped_or_refused() -> None:
    opened, started = session(ECHO, outside=[-7.0, 0.25])
    assert values(started.sensors, step(opened, started).readings)[0].tolist() == [-1.0, 0.25]
    opened, started = session(ECHO, outside=[-7.0, 0.25], clip_observations=False)
    with pytest.raises(AuthorError) as caught:
        step(opened, started)
    assert (caught.value.reason, caught.value.metadata["sensor"]) == ("VALUE_OUT_OF_SPACE", "arm.joint")


def test_nothing_clips_what_is_no_number() -> None:
    opened, started = session(ECHO, outside=[float("nan"), 0.0])
    with pytest.raises(AuthorError) as caught:
        step(opened, started)
    assert caught.value.reason == "VALUE_OUT_OF_SPACE"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Box(low=[0.], high=[9.], shape=(1,), dtype=np.float32)", np.array([1.0], np.float32)),
        ("Discrete(9)", 1),
    ],
)
def test_a_reward_can_have_a_space_of_its_own(text: str, expected: Any) -> None:
    opened, started = session(ECHO, reward_space=text)
    reward = values(started.rewards, step(opened, started).rewards)[0]
    assert np.array_equal(reward, expected)


def test_info_is_kept_where_that_is_asked_for() -> None:
    opened, started = session("tests.unit.bridges.environments:sparring-test/Wanderer-v0", keep_info=True)
    updated: Updated = step(opened, started)
    assert updated.world_state is not None
    assert from_free_value(updated.world_state) == {"steps": 1}


@pytest.mark.parametrize("split", [False, True])
def test_a_step_makes_no_object_per_sensor_actuator_or_reward(split: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, started = session("CartPole-v1", split_sensors=split)
    for kind in (SensorInformation, ActuatorInformation, RewardInformation):
        monkeypatch.setattr(kind, "__init__", _refuse)
    with pytest.raises(AssertionError):
        SensorInformation(1.0, Box(0, 1, (), np.float32), "x")
    for number in range(5):
        assert len(values(started.sensors, step(opened, started, number % 2).readings)) == (4 if split else 1)
    opened.send(Reset((3,)))
    assert opened.receive(1) is not None


def test_a_document_of_palaestrai_needs_no_change(caplog: pytest.LogCaptureFixture) -> None:
    conversion = {"gym.spaces.Box": ["Box", ["low"]]}
    parameters: dict[str, object] = {"env_name": "CartPole-v1", "conversion": conversion, "reward_space": ""}
    described = describe_environment(Component(NAME, parameters), resolve, "cart")
    assert uids(described.sensors) == ["0"]
    assert "conversion" in caplog.text


def test_the_end_of_the_session_closes_the_environment() -> None:
    made = GymnasiumEnvironment(ECHO)
    made.shutdown()
    assert echo(made).closed


def _refuse(*given: Any, **more: Any) -> None:
    raise AssertionError("an object was made")
