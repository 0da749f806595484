"""What every MuscleSession must do, wherever the muscle runs.

A subclass named Test... gives the fixture `open_session`; the host it opens sessions at offers the modules
`tests.contract.muscles` and `sparring.agent`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any, TypeVar

import numpy as np
import pytest

from sparring.types.declaration import Component, Declaration
from sparring.types.errors import AuthorError, InvalidArgumentError
from sparring.types.frames import (
    Act,
    Acted,
    LaneTimes,
    MuscleRequest,
    MuscleReset,
    MuscleStarted,
    Policy,
    ResetMuscle,
    ShutDown,
    Shutdown,
    StartMuscle,
)
from sparring.types.free_value import from_free_value, split_parts, to_free_value
from sparring.types.lanes import LaneWeaver
from sparring.types.layout import Layout
from sparring.types.mode import Mode
from sparring.types.ports import MuscleSession
from sparring.types.space import Box, Discrete
from sparring.types.values import Values

OBJECTS = "tests.contract.muscles:Follower"
ARRAYS = "tests.contract.muscles:ArrayFollower"
SHIPPED = ("sparring.agent:DummyMuscle", "sparring.agent:RandomMuscle")
DEADLINE_S = 20.0

SENSORS = (
    Declaration("hill.position", Box(-100.0, 100.0, (2,), np.float32)),
    Declaration("hill.steps", Discrete(1000)),
)
ACTUATORS = (Declaration("hill.push", Box(-1.0, 1.0, (2,), np.float32)), Declaration("hill.gear", Discrete(3, start=1)))
REWARDS = (Declaration("hill.closeness", Box(-np.inf, np.inf, (), np.float64)),)

READINGS = Layout([each.space for each in SENSORS])
SETPOINTS = Layout([each.space for each in ACTUATORS])
GAIN = Policy(3, to_free_value({"gain": 2.0}))

OpenSession = Callable[[], MuscleSession]
Frame = TypeVar("Frame")


def start(name: str = OBJECTS, seeds: tuple[int, ...] = (11,), **more: Any) -> StartMuscle:
    parameters = more.pop("parameters", {})
    return StartMuscle(
        Component(name, parameters),
        "walker",
        3,
        seeds,
        SENSORS,
        ACTUATORS,
        environments=("hill",),
        lanes=len(seeds),
        **more,
    )


def ask(session: MuscleSession, request: MuscleRequest, kind: type[Frame]) -> Frame:
    session.send(request)
    answer = session.receive(DEADLINE_S)
    assert isinstance(answer, kind)
    return answer


def readings(step: int) -> Values:
    """Readings of a step; those of the second sensor are absent now and then."""
    return READINGS.pack([np.full(2, step / 4, np.float32), None if step == 2 else step])


def acts(count: int = 4) -> list[Act]:
    """The requests of an episode."""
    rewards = Layout([each.space for each in REWARDS])
    found = []
    for step in range(count):
        found.append(
            Act(
                readings(step),
                rewards.pack([-float(step)]) if step else None,
                times=(LaneTimes((step + 1,)),),
                declared_rewards=REWARDS if step == 1 else (),
            )
        )
    return found


def play(session: MuscleSession, count: int = 4) -> list[Acted]:
    return [ask(session, act, Acted) for act in acts(count)]


class MuscleSessionContract:
    """The suite."""

    @pytest.fixture
    def open_session(self) -> OpenSession:
        raise NotImplementedError

    @pytest.fixture
    def opened(self, open_session: OpenSession) -> Iterator[Callable[..., MuscleSession]]:
        """Opens and starts sessions that are closed after the test."""
        with ExitStack() as stack:

            def begin(*given: Any, **named: Any) -> MuscleSession:
                session = stack.enter_context(closing(open_session()))
                ask(session, start(*given, **named), MuscleStarted)
                return session

            yield begin

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS, *SHIPPED])
    def test_equal_seeds_give_equal_acts_and_others_do_not(self, opened: Any, name: str) -> None:
        played = [play(opened(name, (seed,))) for seed in (11, 11, 12)]
        assert played[0] == played[1]
        assert played[0] != played[2]

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS, *SHIPPED])
    @pytest.mark.parametrize("steps", [0, 1, 3])
    def test_a_reset_with_a_policy_equals_a_fresh_start(self, opened: Any, name: str, steps: int) -> None:
        policy = None if name in SHIPPED else GAIN
        session = opened(name, (1,))
        play(session, steps)
        ask(session, ResetMuscle((11,), policy=policy), MuscleReset)
        assert play(session) == play(opened(name, (11,), policy=policy))

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_actuators_are_left_alone_where_nothing_is_said(self, opened: Any, name: str) -> None:
        values = [SETPOINTS.unpack(acted.setpoints) for acted in play(opened(name))]
        assert [gear for _, gear in values] == [None, 2, None, 2]
        assert all(push is not None for push, _ in values)

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_a_policy_is_used_from_its_act_on(self, opened: Any, name: str) -> None:
        session, other = opened(name), opened(name)
        first, second = acts(2)
        assert ask(session, first, Acted) == ask(other, first, Acted)
        second.policy = GAIN
        assert dict(ask(session, second, Acted).statistics) == {"gain": 2.0}
        second.policy = None
        assert dict(ask(other, second, Acted).statistics) == {"gain": 1.0}

    def test_a_muscle_knows_its_past_its_mode_and_the_time(self, opened: Any) -> None:
        session = opened()
        said = [from_free_value(acted.data) for acted in play(session)]
        assert [each["rows"] for each in said] == [0, 1, 2, 3]
        assert [each["reward"] for each in said] == [None, -1.0, -2.0, -3.0]
        assert [each["ticks"] for each in said] == [1, 2, 3, 4]
        assert (said[0]["mode"], said[0]["prepared"]) == ("train", 0)
        ask(session, ResetMuscle((12,), mode=Mode.EVALUATE), MuscleReset)
        again = from_free_value(play(session)[0].data)
        assert (again["rows"], again["mode"], again["prepared"]) == (0, "test", 1)

    def test_a_model_is_prepared_where_nothing_is_learned(self, opened: Any) -> None:
        said = from_free_value(play(opened(mode=Mode.TEST))[0].data)
        assert (said["mode"], said["prepared"]) == ("test", 1)

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS, *SHIPPED])
    def test_a_lane_equals_the_same_episode_alone(self, opened: Any, name: str) -> None:
        seeds = (11, 12, 13)
        session, alone = opened(name, seeds), [opened(name, (seed,)) for seed in seeds]
        sensors = LaneWeaver(READINGS.spaces, 3)
        actuators = LaneWeaver(SETPOINTS.spaces, 3)
        rewards = LaneWeaver([each.space for each in REWARDS], 3)
        for step, act in enumerate(acts()):
            moving = (True, step != 2, True)
            together = ask(
                session,
                Act(
                    sensors.join([act.readings] * 3),
                    None if act.rewards is None else rewards.join([act.rewards] * 3),
                    times=tuple(LaneTimes(times.ticks * 3) for times in act.times),
                    lanes=moving,
                    declared_rewards=act.declared_rewards,
                ),
                Acted,
            )
            setpoints = actuators.split(together.setpoints)
            data = [None] * 3 if together.data is None else split_parts(together.data)
            for lane, single in enumerate(alone):
                if not moving[lane]:
                    assert (setpoints[lane], data[lane]) == (SETPOINTS.absent, None)
                    continue
                own = ask(single, act, Acted)
                assert (setpoints[lane], data[lane]) == (own.setpoints, own.data)

    def test_a_lane_is_reset_alone(self, opened: Any) -> None:
        session = opened(ARRAYS, (11, 12))
        both = LaneWeaver(READINGS.spaces, 2).join([readings(0)] * 2)
        first = ask(session, Act(both), Acted)
        ask(session, ResetMuscle((11, 0), (True, False)), MuscleReset)
        again = ask(session, Act(both), Acted)
        weaver = LaneWeaver(SETPOINTS.spaces, 2)
        assert weaver.part(again.setpoints, 0) == weaver.part(first.setpoints, 0)
        assert weaver.part(again.setpoints, 1) != weaver.part(first.setpoints, 1)

    def test_readings_and_seeds_must_fit(self, opened: Any) -> None:
        session = opened()
        for request, reason in (
            (Act(Values(b"")), "READINGS_MALFORMED"),
            (ResetMuscle((1, 2)), "LANES_MISMATCH"),
            (Act(readings(0), lanes=(True, True)), "LANES_MISMATCH"),
        ):
            session.send(request)
            with pytest.raises(InvalidArgumentError) as caught:
                session.receive(DEADLINE_S)
            assert caught.value.reason == reason
        play(session)

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_author_code_that_raises_is_named_with_its_step_and_line(self, opened: Any, name: str) -> None:
        with pytest.raises(AuthorError) as caught:
            play(opened(name, parameters={"fault": "raise"}))
        error = caught.value
        assert error.reason == "AUTHOR_CODE_FAILED"
        assert (error.metadata["agent"], error.metadata["step"]) == ("walker", "2")
        assert "RuntimeError: a cramp" in error.message
        assert "muscles.py:" in error.message

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_a_setpoint_outside_its_space_is_named_with_actuator_step_value_and_space(
        self, opened: Any, name: str
    ) -> None:
        with pytest.raises(AuthorError) as caught:
            play(opened(name, parameters={"fault": "outside"}))
        error = caught.value
        assert error.reason == "SETPOINT_OUT_OF_SPACE"
        assert {key: error.metadata[key] for key in ("agent", "actuator", "step", "value", "space")} == {
            "agent": "walker",
            "actuator": "hill.gear",
            "step": "2",
            "value": "7",
            "space": "Discrete(3, start=1)",
        }

    def test_an_actuator_that_is_not_the_agents_is_refused_by_name(self, opened: Any) -> None:
        with pytest.raises(AuthorError) as caught:
            play(opened(parameters={"fault": "stranger"}))
        assert caught.value.reason == "ACTUATOR_UNKNOWN"
        assert caught.value.metadata["actuator"] == "nobody.knows"

    def test_a_session_ends_by_shutdown(self, opened: Any) -> None:
        session = opened()
        play(session)
        ask(session, Shutdown(), ShutDown)
        session.close()
        session.close()
