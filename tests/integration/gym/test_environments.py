"""Environments of servers as environments of gymnasium."""

from collections.abc import Iterator
from contextlib import closing

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import sparring.gym
from sparring.gym import session
from sparring.types.declaration import Timeouts
from sparring.types.errors import (
    ExhaustedError,
    FailedPreconditionError,
    HungError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
    SparringError,
)
from tests.conformance_faults.server import CAPACITY, NAME, serving
from tests.conformance_faults.world import BONUS_AT, LENGTH
from tests.integration.conformance.serving_host import BRIDGE, DUMMY, serving_host


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """Our own environment service, with two slots."""
    with serving_host() as address:
        yield f"grpc://{address}"


@pytest.fixture
def levels() -> Iterator[str]:
    """A server that has nothing of ours but the protos: several sensors, actuators and rewards."""
    with serving() as address:
        yield f"grpc://{address}/{NAME}"


@pytest.mark.filterwarnings("ignore::UserWarning:gymnasium")
@pytest.mark.parametrize(
    ("name", "parameters"),
    [(DUMMY, {}), (DUMMY, {"discrete": False}), (BRIDGE, {"env_name": "CartPole-v1"})],
    ids=["dummy", "dummy, boxes", "cartpole"],
)
def test_gymnasiums_own_checker_accepts_environments_of_our_host(
    host: str, name: str, parameters: dict[str, object]
) -> None:
    with closing(sparring.gym.make(f"{host}/{name}", **parameters)) as environment:
        check_env(environment)


@pytest.mark.filterwarnings("ignore::UserWarning:gymnasium")
def test_gymnasiums_own_checker_accepts_an_environment_of_another_server(levels: str) -> None:
    with closing(sparring.gym.make(levels)) as environment:
        check_env(environment)


def test_a_served_cartpole_is_the_same_as_one_in_this_process(host: str) -> None:
    with (
        closing(sparring.gym.make(f"{host}/{BRIDGE}", env_name="CartPole-v1")) as served,
        closing(gymnasium.make("CartPole-v1")) as here,
    ):
        assert served.action_space == here.action_space
        assert np.array_equal(served.reset(seed=7)[0], here.reset(seed=7)[0])
        for number in range(200):
            one, other = served.step(number % 2), here.step(number % 2)
            assert np.array_equal(
                one[0], np.clip(other[0], served.observation_space.low, served.observation_space.high)
            )
            assert one[1:4] == other[1:4]
            if one[2]:
                break
        assert one[2]


def test_several_sensors_and_rewards_are_dicts_and_a_sum(levels: str) -> None:
    with closing(sparring.gym.make(levels)) as environment:
        assert list(environment.observation_space.spaces) == ["level", "tap", "probe", "note"]
        assert list(environment.action_space.spaces) == ["push", "gear"]
        observation, info = environment.reset(seed=2)
        assert (observation["note"], info["ticks"]) == ("t0", 0)
        rewards = []
        for tick in range(1, LENGTH + 1):
            before = observation["probe"]
            observation, reward, terminated, truncated, info = environment.step({"push": np.ones(3, np.float32)})
            if tick % 2:
                assert info["absent"] == ("probe",)
                assert observation["probe"] == before
            assert (terminated, truncated) == (tick == LENGTH, False)
            assert info["world_state"] == {"fine": True}
            rewards.append((reward, info.get("rewards")))
        assert rewards[0][1] is None
        late = rewards[BONUS_AT - 1]
        assert late[1].keys() == {"calm", "bonus"}
        assert late[0] == pytest.approx(late[1]["calm"] + 0.5)
        environment.reset(seed=3)
        assert environment.step({})[1] == pytest.approx(environment.step({})[4]["rewards"]["calm"], abs=1.0)


def test_a_seed_decides_the_episodes_that_follow_it(levels: str) -> None:
    with closing(sparring.gym.make(levels)) as environment:
        played = []
        for _ in range(2):
            first = environment.reset(seed=5)[0]["level"]
            played.append([first, environment.reset()[0]["level"], environment.reset()[0]["level"]])
    assert np.array_equal(played[0], played[1])
    assert not np.array_equal(played[0][1], played[0][2])


def test_what_is_refused_is_said_and_does_no_harm(levels: str) -> None:
    with closing(sparring.gym.make(levels)) as environment:
        with pytest.raises(FailedPreconditionError) as caught:
            environment.step({})
        assert caught.value.reason == "NOT_STARTED"
        environment.reset(seed=1)
        for action, reason in (
            ({"gear": 7}, "SETPOINT_OUT_OF_SPACE"),
            ({"gears": 1}, "ACTUATOR_UNKNOWN"),
            ([1, 2], "FIELDS_MISCOUNTED"),
            ({"push": np.zeros(4)}, "VALUE_OUT_OF_SPACE"),
        ):
            with pytest.raises(InvalidArgumentError) as refused:
                environment.step(action)
            assert refused.value.reason == reason
        assert environment.step({"gear": 1})[4]["ticks"] == 1


def test_closing_frees_the_slot_and_one_too_many_is_refused(levels: str) -> None:
    for _ in range(CAPACITY + 1):
        sparring.gym.make(levels).close()
    with closing(sparring.gym.make(levels)), closing(sparring.gym.make(levels)):
        with pytest.raises(SparringError) as caught:
            sparring.gym.make(levels)
        assert "slots are taken" in caught.value.message
    environment = sparring.gym.make(levels)
    environment.close()
    environment.close()


def test_a_server_that_does_not_answer_in_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "GRACE_S", 0.1)
    options = sparring.gym.Options(Timeouts(step_s=0.1))
    with serving("hangs") as address, closing(sparring.gym.make(f"grpc://{address}", session=options)) as environment:
        environment.reset(seed=1)
        with pytest.raises(HungError) as caught:
            environment.step({})
        assert address in caught.value.message


def test_a_place_must_be_one_and_somebody_must_be_there() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        sparring.gym.make("127.0.0.1:7000/grid")
    assert caught.value.reason == "BAD_ADDRESS"
    assert "grpc://HOST:PORT/NAME" in caught.value.message
    with serving() as address:
        pass
    with pytest.raises(LostError):
        sparring.gym.make(f"grpc://{address}/{NAME}", session=sparring.gym.Options(connect_s=0.2))
    with serving() as address, pytest.raises(NotFoundError):
        sparring.gym.make(f"grpc://{address}/somebody-else")


@pytest.mark.parametrize("lanes", [True, False])
def test_a_vector_plays_what_single_environments_play_and_begins_anew_in_the_step_after_an_end(
    levels: str, lanes: bool
) -> None:
    alone = []
    with closing(sparring.gym.make(levels)) as environment:
        for seed in (4, 5):
            observation, _ = environment.reset(seed=seed)
            episode = [observation["level"]]
            over = False
            while not over:
                observation, _, terminated, truncated, _ = environment.step({"push": np.ones(3, np.float32), "gear": 1})
                over = terminated or truncated
                episode.append(observation["level"])
            alone.append(episode)
    with closing(sparring.gym.make_vec(levels, 2, lanes=lanes)) as vector:
        observations, infos = vector.reset(seed=4)
        assert infos["ticks"].tolist() == [0, 0]
        actions = {"push": np.ones((2, 3), np.float32), "gear": np.array([1, 1])}
        for step in range(LENGTH + 1):
            for seat in range(2):
                assert np.array_equal(observations["level"][seat], alone[seat][step])
            observations, rewards, terminated, truncated, infos = vector.step(actions)
            ends = (step == LENGTH - 1, False), (False, step == LENGTH - 1)
            assert list(zip(terminated.tolist(), truncated.tolist(), strict=True)) == list(ends)
        assert rewards.tolist() == [0.0, 0.0]
        assert infos["ticks"].tolist() == [0, 0]
        assert vector.step(actions)[4]["ticks"].tolist() == [1, 1]


def test_a_vector_of_our_host_is_one_session_or_several(host: str) -> None:
    episodes = []
    for lanes in (True, False):
        with closing(sparring.gym.make_vec(f"{host}/{BRIDGE}", 2, lanes=lanes, env_name="CartPole-v1")) as vector:
            played = [vector.reset(seed=3)[0]]
            played += [vector.step(np.array([step % 2, 1]))[0] for step in range(30)]
            episodes.append(np.stack(played))
            assert vector.observation_space.contains(played[-1])
    assert np.array_equal(episodes[0], episodes[1])


def test_a_vector_larger_than_the_server_is_refused(levels: str) -> None:
    with pytest.raises(ExhaustedError) as taken:
        sparring.gym.make_vec(levels, CAPACITY + 1, lanes=False)
    assert taken.value.reason == "SLOT_TAKEN"
    for count in (0, 99):
        with pytest.raises(InvalidArgumentError) as caught:
            sparring.gym.make_vec(levels, count, lanes=True)
        assert caught.value.reason == "LANES_INVALID"
    with closing(sparring.gym.make_vec(levels, 2)) as vector, pytest.raises(FailedPreconditionError):
        vector.step(vector.action_space.sample())
