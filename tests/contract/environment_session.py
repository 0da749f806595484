"""What every EnvironmentSession must do, wherever the environment runs.

A subclass named Test... gives the fixture `open_session`; the host it opens sessions at offers the module
`tests.contract.environments`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any, TypeVar

import numpy as np
import pytest

from sparring.types.declaration import Component
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError
from sparring.types.frames import (
    EnvironmentRequest,
    EnvironmentStarted,
    Reset,
    ResetDone,
    ShutDown,
    Shutdown,
    StartEnvironment,
    Update,
    Updated,
)
from sparring.types.free_value import from_free_value, split_parts
from sparring.types.lanes import LaneWeaver
from sparring.types.layout import Layout
from sparring.types.ports import EnvironmentSession
from sparring.types.values import Values

OBJECTS = "tests.contract.environments:Wanderer"
ARRAYS = "tests.contract.environments:ArrayWanderer"
DEADLINE_S = 20.0

OpenSession = Callable[[], EnvironmentSession]
Frame = TypeVar("Frame")


def start(name: str = OBJECTS, seeds: tuple[int, ...] = (11,), **parameters: Any) -> StartEnvironment:
    return StartEnvironment(Component(name, parameters), "hill", 3, seeds, lanes=len(seeds))


def ask(session: EnvironmentSession, request: EnvironmentRequest, kind: type[Frame]) -> Frame:
    session.send(request)
    answer = session.receive(DEADLINE_S)
    assert isinstance(answer, kind)
    return answer


def values(started: EnvironmentStarted, *setpoints: object) -> Values:
    return Layout([each.space for each in started.actuators]).pack(setpoints)


def script(started: EnvironmentStarted) -> Iterator[Values]:
    """Setpoints of one episode; some are absent."""
    generator = np.random.default_rng(5)
    for step in range(1000):
        push = generator.uniform(-1, 1, 2).astype(np.float32)
        yield values(started, None if step == 1 else push, None if step == 2 else 1 + step % 3)


def play(session: EnvironmentSession, started: EnvironmentStarted) -> list[Updated]:
    """Play an episode to its end."""
    played: list[Updated] = []
    for setpoints in script(started):
        played.append(ask(session, Update(setpoints), Updated))
        if True in played[-1].terminated or True in played[-1].truncated:
            break
    return played


class EnvironmentSessionContract:
    """The suite."""

    @pytest.fixture
    def open_session(self) -> OpenSession:
        raise NotImplementedError

    @pytest.fixture
    def opened(self, open_session: OpenSession) -> Iterator[Callable[..., tuple[EnvironmentSession, Any]]]:
        """Opens and starts sessions that are closed after the test."""
        with ExitStack() as stack:

            def begin(*given: Any, **named: Any) -> tuple[EnvironmentSession, EnvironmentStarted]:
                request = given[0] if given and isinstance(given[0], StartEnvironment) else start(*given, **named)
                session = stack.enter_context(closing(open_session()))
                return session, ask(session, request, EnvironmentStarted)

            yield begin

    def test_a_start_declares_everything_under_bare_uids_and_shows_first_readings(self, opened: Any) -> None:
        _, started = opened()
        assert [each.uid for each in started.sensors] == ["position", "steps", "note"]
        assert [each.uid for each in started.actuators] == ["push", "gear"]
        assert [each.uid for each in started.rewards] == ["closeness"]
        assert started.tick_ns == 10**9
        assert from_free_value(started.static_world_model) == {"length": 5}
        layout = Layout([each.space for each in started.sensors])
        assert layout.check(started.first.readings) is None
        position, steps, note = layout.unpack(started.first.readings)
        assert isinstance(position, np.ndarray)
        assert (steps, note) == (0, {"word": "step0", "parity": -1})
        assert started.first.time.ticks == (7,)

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_equal_seeds_give_equal_episodes_and_others_do_not(self, opened: Any, name: str) -> None:
        episodes = []
        for seed in (11, 11, 12):
            session, started = opened(name, (seed,))
            episodes.append((started.first, play(session, started)))
        assert episodes[0] == episodes[1]
        assert episodes[0][0] != episodes[2][0]

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    @pytest.mark.parametrize("steps", [0, 1, 3])
    def test_a_reset_equals_a_fresh_start(self, opened: Any, name: str, steps: int) -> None:
        session, started = opened(name, (1,))
        for _, setpoints in zip(range(steps), script(started), strict=False):
            ask(session, Update(setpoints), Updated)
        again = ask(session, Reset((11,)), ResetDone)
        fresh, fresh_started = opened(name, (11,))
        assert again == fresh_started.first
        assert play(session, started) == play(fresh, fresh_started)

    def test_a_recreated_environment_equals_a_fresh_one(self, opened: Any) -> None:
        def recreated(seed: int) -> StartEnvironment:
            return StartEnvironment(Component(OBJECTS, {}), "hill", 3, (seed,), recreate_each_episode=True)

        session, started = opened(recreated(1))
        play(session, started)
        again = ask(session, Reset((11,)), ResetDone)
        fresh, fresh_started = opened(recreated(11))
        assert again == fresh_started.first
        assert play(session, started) == play(fresh, fresh_started)

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_a_refused_setpoint_does_not_move_the_world(self, opened: Any, name: str) -> None:
        session, started = opened(name)
        other, other_started = opened(name)
        outside = values(started, np.array([0.5, 1.5], np.float32), 2)
        session.send(Update(outside))
        with pytest.raises(InvalidArgumentError) as caught:
            session.receive(DEADLINE_S)
        assert caught.value.reason == "SETPOINT_OUT_OF_SPACE"
        assert caught.value.metadata["actuator"] == "push"
        assert play(session, started) == play(other, other_started)

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    @pytest.mark.parametrize("cut", [False, True])
    def test_an_episode_ends_in_one_of_two_ways_and_takes_no_update_before_a_reset(
        self, opened: Any, name: str, cut: bool
    ) -> None:
        session, started = opened(name, length=3, cut=cut)
        played = play(session, started)
        assert len(played) == 3
        assert (played[-1].terminated, played[-1].truncated) == ((not cut,), (cut,))
        assert True not in played[0].terminated + played[0].truncated
        session.send(Update(values(started, None, None)))
        with pytest.raises(FailedPreconditionError) as caught:
            session.receive(DEADLINE_S)
        assert caught.value.reason == "EPISODE_OVER"
        ask(session, Reset((11,)), ResetDone)
        assert play(session, started) == played

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_only_setpoints_that_are_present_reach_the_environment(self, opened: Any, name: str) -> None:
        positions = []
        for setpoints in ((None, 2), (np.zeros(2, np.float32), 2), (np.ones(2, np.float32), None)):
            session, started = opened(name)
            updated = ask(session, Update(values(started, *setpoints)), Updated)
            positions.append(Layout([each.space for each in started.sensors]).unpack(updated.readings)[0])
        assert np.array_equal(positions[0], positions[1])
        assert np.allclose(positions[2], positions[0] + 1)

    def test_readings_come_in_declared_order_and_missing_ones_are_absent(self, opened: Any) -> None:
        session, started = opened()
        layout = Layout([each.space for each in started.sensors])
        notes = [layout.unpack(each.readings)[2] for each in play(session, started)]
        assert notes[0] == {"word": "step1", "parity": 0}
        assert notes[3] == {"word": "step4", "parity": -1}
        third = [layout.unpack(each.readings) for each in play(*self._reset(session, started))][2]
        assert third.count(None) == 1

    def test_a_late_reward_is_declared_once_in_each_episode(self, opened: Any) -> None:
        session, started = opened()
        for _ in range(2):
            played = play(session, started)
            declared = [[each.uid for each in updated.declared_rewards] for updated in played]
            assert declared == [[], ["bonus"], [], [], []]
            before = Layout([each.space for each in started.rewards])
            after = Layout([each.space for each in (*started.rewards, *played[1].declared_rewards)])
            assert len(played[0].rewards.data) == before.size
            assert after.unpack(played[1].rewards)[1] == 2
            ask(session, Reset((11,)), ResetDone)

    def test_time_goes_on_by_ticks_where_nothing_is_said(self, opened: Any) -> None:
        session, started = opened()
        played = play(session, started)
        assert [each.time.ticks for each in played] == [(8,), (9,), (10,), (11,), (12,)]
        assert [each.next_update and each.next_update.ticks for each in played] == [(10,), None, (12,), None, (14,)]

    def test_a_world_state_is_handed_on(self, opened: Any) -> None:
        session, started = opened()
        assert [from_free_value(each.world_state) for each in play(session, started)][:2] == [
            {"steps": 1},
            {"steps": 2},
        ]

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_a_lane_equals_the_same_episode_alone(self, opened: Any, name: str) -> None:
        seeds = (11, 12, 13)
        session, started = opened(name, seeds)
        alone = [opened(name, (seed,)) for seed in seeds]
        weaver = LaneWeaver([each.space for each in started.sensors], 3)
        actuators = LaneWeaver([each.space for each in started.actuators], 3)
        assert weaver.split(started.first.readings) == [each.first.readings for _, each in alone]
        scripts = [script(started) for _ in seeds]
        rewards = list(started.rewards)
        for step in range(5):
            # Lanes do not wait for one another: lane 1 stands still in step 2.
            moving = (True, step != 2, True)
            setpoints = [next(each) if moves else None for each, moves in zip(scripts, moving, strict=True)]
            together = ask(session, Update(actuators.join(setpoints), moving), Updated)
            rewards += together.declared_rewards
            bonus = LaneWeaver([each.space for each in rewards], 3)
            readings, given = weaver.split(together.readings), bonus.split(together.rewards)
            for lane, (single, _) in enumerate(alone):
                if setpoints[lane] is None:
                    assert readings[lane] == weaver.one.absent
                    assert given[lane] == bonus.one.absent
                    continue
                own = ask(single, Update(setpoints[lane]), Updated)
                assert readings[lane] == own.readings
                assert (
                    bonus.one.unpack(given[lane])[0]
                    == Layout([rewards[0].space]).unpack(Values(own.rewards.data[:8]))[0]
                )
                assert (together.terminated or (False,) * 3)[lane] == (own.terminated or (False,))[0]
                assert together.time.ticks[lane] == own.time.ticks[0]
                assert split_parts(together.world_state)[lane] == own.world_state

    def test_a_lane_is_reset_alone(self, opened: Any) -> None:
        session, started = opened(OBJECTS, (11, 12))
        weaver = LaneWeaver([each.space for each in started.sensors], 2)
        actuators = LaneWeaver([each.space for each in started.actuators], 2)
        for _, setpoints in zip(range(5), script(started), strict=False):
            last = ask(session, Update(actuators.join([setpoints, setpoints])), Updated)
        assert last.terminated == (True, True)
        done = ask(session, Reset((11, 0), (True, False)), ResetDone)
        assert weaver.split(done.readings) == [weaver.part(started.first.readings, 0), weaver.one.absent]
        nothing = actuators.join([None, None])
        ask(session, Update(nothing, (True, False)), Updated)
        session.send(Update(nothing))
        with pytest.raises(FailedPreconditionError) as caught:
            session.receive(DEADLINE_S)
        assert (caught.value.reason, caught.value.metadata["lane"]) == ("EPISODE_OVER", "1")

    def test_masks_and_seeds_must_fit_the_lanes(self, opened: Any) -> None:
        session, started = opened(OBJECTS, (11, 12))
        nothing = LaneWeaver([each.space for each in started.actuators], 2).join([None, None])
        for request in (Update(nothing, (True,)), Reset((1,)), Reset((1, 2), (True, True, True))):
            session.send(request)
            with pytest.raises(InvalidArgumentError) as caught:
                session.receive(DEADLINE_S)
            assert caught.value.reason == "LANES_MISMATCH"
        ask(session, Update(nothing), Updated)

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_author_code_that_raises_is_named_with_its_step_and_line(self, opened: Any, name: str) -> None:
        session, started = opened(name, fault="raise")
        with pytest.raises(AuthorError) as caught:
            play(session, started)
        error = caught.value
        assert error.reason == "AUTHOR_CODE_FAILED"
        assert error.metadata["step"] == "2"
        assert error.metadata["component"] == "environment 'hill'"
        assert "RuntimeError: the ground shakes" in error.message
        assert "environments.py:" in error.message

    @pytest.mark.parametrize("name", [OBJECTS, ARRAYS])
    def test_a_value_outside_its_space_is_named_with_sensor_step_value_and_space(self, opened: Any, name: str) -> None:
        session, started = opened(name, fault="outside")
        with pytest.raises(AuthorError) as caught:
            play(session, started)
        error = caught.value
        assert error.reason == "VALUE_OUT_OF_SPACE"
        assert {key: error.metadata[key] for key in ("component", "sensor", "step", "value")} == {
            "component": "environment 'hill'",
            "sensor": "position",
            "step": "2",
            "value": "1000.0",
        }
        assert "Box(low=-100.0" in error.metadata["space"]

    def test_parameters_nobody_knows_are_refused_with_a_suggestion(self, open_session: OpenSession) -> None:
        with closing(open_session()) as session:
            with pytest.raises(InvalidArgumentError) as caught:
                ask(session, start(lenght=3), EnvironmentStarted)
            assert caught.value.reason == "PARAMETERS_INVALID"
            assert "did you mean 'length'" in caught.value.message

    def test_a_session_ends_by_shutdown(self, opened: Any) -> None:
        session, started = opened()
        play(session, started)
        ask(session, Shutdown(), ShutDown)
        session.close()
        session.close()

    @staticmethod
    def _reset(session: EnvironmentSession, started: EnvironmentStarted) -> tuple[EnvironmentSession, Any]:
        ask(session, Reset((11,)), ResetDone)
        return session, started
