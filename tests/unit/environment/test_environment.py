"""What authors of environments may do, and what happens when they do what they must not."""

import sys
import types
import warnings
from typing import Any

import numpy as np
import pytest

from sparring.environment import (
    ActuatorInformation,
    Environment,
    EnvironmentBaseline,
    EnvironmentResetRequest,
    EnvironmentResetResponse,
    EnvironmentState,
    EnvironmentStateTransformer,
    Reward,
    RewardInformation,
    SensorInformation,
    SimTime,
)
from sparring.types.declaration import Component
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError
from sparring.types.frames import Reset, ResetDone, ShutDown, Shutdown, StartEnvironment
from sparring.types.layout import Layout
from sparring.types.seeds import generator
from tests.support.gauges import RecordingGauge
from tests.unit.environment.sessions import LEVEL, VALVE, Tank, begin, step


def reset(session: Any, seed: int = 12) -> ResetDone:
    session.send(Reset((seed,)))
    done = session.receive(1)
    assert isinstance(done, ResetDone)
    return done


def first_level(answer: Any) -> Any:
    return Layout([LEVEL]).unpack(answer.readings)[0]


def test_chance_comes_from_the_episodes_seed_in_the_first_episode_too() -> None:
    session, started = begin(Tank, 11)
    assert first_level(started.first) == generator(11).uniform(0, 1)
    assert first_level(reset(session, 12)) == generator(12).uniform(0, 1)


class Tuples(Tank):
    def start_environment(self) -> Any:
        baseline = super().start_environment()
        return baseline.sensors_available, baseline.actuators_available

    def update(self, actuators: Any) -> Any:
        state = super().update(actuators)
        return state.sensor_information, state.rewards, self.level > 3


def test_tuples_still_work_and_warn_once() -> None:
    with pytest.warns(DeprecationWarning, match="Tuples.start_environment returns a tuple"):
        session, started = begin(Tuples)
    with pytest.warns(DeprecationWarning, match="Tuples.update returns a tuple"):
        assert step(session, started, 2).terminated == ()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert step(session, started, 2).terminated == (True,)


class Asynchronous(Tank):
    async def start_environment(self) -> Any:
        return super().start_environment()

    async def update(self, actuators: Any) -> Any:
        return super().update(actuators)

    async def shutdown(self, reset: bool = False) -> Any:
        self.level = -1.0


def test_methods_may_be_coroutines() -> None:
    session, started = begin(Asynchronous)
    plain, plain_started = begin(Tank)
    assert started.first == plain_started.first
    assert step(session, started, 1) == step(plain, plain_started, 1)
    assert reset(session) == reset(plain)
    session.send(Shutdown())
    assert session.receive(1) == ShutDown()


class Careless(Tank):
    def __init__(self, uid: str) -> None:
        self.given = uid


class Palaestrai(Tank):
    def __init__(self, uid: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(uid, *args, **kwargs)
        self.height = kwargs.get("height", 5)


@pytest.mark.parametrize(("kind", "parameters"), [(Careless, {}), (Palaestrai, {"height": 7}), (Palaestrai, {})])
def test_constructors_of_all_manners_work(kind: Any, parameters: dict[str, Any]) -> None:
    session, started = begin(kind, parameters=parameters)
    assert step(session, started, 1).rewards.data


def test_a_class_without_parameters_refuses_them() -> None:
    with pytest.raises(AuthorError, match="has no further parameters"):
        begin(Tank, parameters={"height": 7})


class Logged(Tank):
    """Remembers how it was shut down."""

    shut: list[bool]

    def __init__(self, uid: str, broker_uri: str, seed: int) -> None:
        super().__init__(uid, broker_uri, seed)
        Logged.seeds.append(seed)

    def shutdown(self, reset: bool = False) -> bool:
        Logged.shut.append(reset)
        return True

    seeds: list[int]


@pytest.fixture
def logged() -> type[Logged]:
    Logged.shut, Logged.seeds = [], []
    return Logged


def test_an_object_is_shut_down_for_a_reset_and_at_the_end(logged: type[Logged]) -> None:
    session, _ = begin(logged)
    reset(session)
    assert (logged.shut, logged.seeds) == ([True], [3])
    session.close()
    session.close()
    assert logged.shut == [True, False]


def test_a_new_object_for_every_episode_is_made_of_its_seed(logged: type[Logged]) -> None:
    session, _ = begin(logged, recreate_each_episode=True)
    reset(session)
    assert (logged.shut, logged.seeds) == ([False], [11, 12])


class Spent(Logged):
    def reset(self, request: EnvironmentResetRequest) -> Any:
        return EnvironmentResetResponse(create_new_instance=True)


def test_an_environment_may_ask_to_be_made_anew(logged: type[Logged]) -> None:
    session, _ = begin(Spent)
    assert first_level(reset(session)) == generator(12).uniform(0, 1)
    assert (logged.shut, logged.seeds) == ([False], [3, 3])


class Quiet(Tank):
    """Its shutdown was written before there was `reset`; its reset does more than the default one."""

    def shutdown(self) -> bool:
        return True

    def reset(self, request: EnvironmentResetRequest) -> Any:
        self.level = request.seed / 100 + float(self.rng.uniform(0, 0.001))
        return EnvironmentResetResponse([self.reading()], [ActuatorInformation(space=VALVE, uid="valve")])


def test_a_reset_of_the_authors_own_is_used_with_its_seed_and_the_first_time() -> None:
    session, started = begin(Quiet)
    step(session, started)
    done = reset(session, 50)
    assert first_level(done) == 0.5 + generator(50).uniform(0, 0.001)
    assert done.time == started.first.time


class Score(Reward):
    def __call__(self, *state: Any, **more: Any) -> RewardInformation:
        return RewardInformation(state[0] * self.params["factor"], LEVEL, "score")


class Rewarded(Tank):
    def update(self, actuators: Any) -> Any:
        assert self.reward is not None
        return EnvironmentState([self.reading()], self.reward(self.level), False)


class Doubled(EnvironmentStateTransformer):
    def __call__(self, state: EnvironmentState) -> EnvironmentState:
        state.world_state = {"was": state.sensor_information[0].value}
        state.sensor_information = [SensorInformation(9.0, LEVEL, "level")]
        state.done = True
        return state


def test_reward_and_state_transformer_are_plugged_in() -> None:
    session, started = begin(
        Rewarded,
        classes={"score": Score, "doubled": Doubled},
        reward=Component("score", {"factor": 2.0}),
        state_transformer=Component("doubled", {}),
    )
    updated = step(session, started)
    level = first_level(started.first)
    assert [each.uid for each in updated.declared_rewards] == ["score"]
    assert Layout([LEVEL]).unpack(updated.rewards) == [2 * level]
    assert first_level(updated) == 9.0
    assert updated.terminated == (True,)


@pytest.mark.parametrize("part", ["reward", "state_transformer"])
def test_what_cannot_be_plugged_in_is_refused(part: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        begin(Tank, classes={"wrong": dict}, **{part: Component("wrong", {})})
    assert caught.value.reason == "CLASS_UNSUITABLE"


def test_a_class_that_is_no_environment_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        begin(dict)
    assert caught.value.reason == "CLASS_UNSUITABLE"


class Fickle(Tank):
    """Offers something else in its second episode."""

    def __init__(self, uid: str, change: str) -> None:
        super().__init__(uid)
        self.change = change
        self.episodes = 0

    def start_environment(self) -> Any:
        self.episodes += 1
        later = self.episodes > 1
        baseline = super().start_environment()
        sensors = [self.reading("level"), self.reading("copy")]
        actuators = list(baseline.actuators_available)
        if later and self.change == "order":
            sensors.reverse()
        if later and self.change == "uid":
            actuators[0] = ActuatorInformation(space=VALVE, uid="tap")
        if later and self.change == "space":
            sensors[1] = SensorInformation(np.float32(1), type(LEVEL)(0, 10, (), np.float32), "copy")
        return EnvironmentBaseline(sensors, actuators)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("order", "its sensors were level, copy; after a reset they are copy, level"),
        ("uid", "its actuators were valve; after a reset they are tap"),
        ("space", "the space of sensor 'copy' was"),
    ],
)
def test_a_reset_that_offers_something_else_is_refused(change: str, text: str) -> None:
    session, _ = begin(Fickle, parameters={"change": change})
    with pytest.raises(AuthorError) as caught:
        reset(session)
    assert caught.value.reason == "BASELINE_CHANGED"
    assert text in caught.value.message


def test_a_reset_that_repeats_everything_is_fine() -> None:
    session, started = begin(Fickle, parameters={"change": ""})
    assert reset(session, 11) == started.first


@pytest.mark.parametrize(
    ("answer", "reason", "text"),
    [
        (lambda tank: [1], "AUTHOR_CODE_FAILED", "returned list; expected EnvironmentState"),
        (lambda tank: EnvironmentState(3, []), "AUTHOR_CODE_FAILED", "int where a list of SensorInformation"),
        (lambda tank: EnvironmentState([1.5], []), "AUTHOR_CODE_FAILED", "float where a list of SensorInformation"),
        (lambda tank: EnvironmentState([], [1.5]), "AUTHOR_CODE_FAILED", "float where a list of RewardInformation"),
        (lambda tank: EnvironmentState([tank.reading("levle")], []), "SENSOR_UNKNOWN", "sensor 'levle', which is not"),
        (lambda tank: EnvironmentState([tank.reading()] * 2, []), "SENSOR_REPEATED", "sensor 'level' twice"),
        (
            lambda tank: EnvironmentState([], [RewardInformation(1, VALVE, "r")] * 2),
            "REWARD_REPEATED",
            "reward 'r' twice",
        ),
        (
            lambda tank: EnvironmentState([], [RewardInformation(4, VALVE, "r", check=False)]),
            "VALUE_OUT_OF_SPACE",
            "reward 'r' of environment 'plant' is outside its space in step 1",
        ),
        (
            lambda tank: EnvironmentState([SensorInformation("full", LEVEL, "level", check=False)], []),
            "VALUE_OUT_OF_SPACE",
            "sensor 'level'",
        ),
        (
            lambda tank: EnvironmentState([SensorInformation(11.0, LEVEL, "level")], []),
            "VALUE_OUT_OF_SPACE",
            "SensorInformation level cannot have the value 11.0",
        ),
        (
            lambda tank: EnvironmentState([], [], True, terminated=False, truncated=False),
            "AUTHOR_CODE_FAILED",
            "neither terminated nor truncated",
        ),
        (lambda tank: EnvironmentState([], [], world_state=object()), "VALUE_UNENCODABLE", "class object"),
    ],
)
def test_an_update_that_returns_what_it_must_not_ends_the_session(answer: Any, reason: str, text: str) -> None:
    class Wrong(Tank):
        def update(self, actuators: Any) -> Any:
            return answer(self)

    session, started = begin(Wrong)
    with pytest.raises(AuthorError) as caught:
        step(session, started)
    assert caught.value.reason == reason
    assert caught.value.metadata["component"] == "environment 'plant'"
    assert text in caught.value.message
    with pytest.raises(FailedPreconditionError):
        step(session, started)


@pytest.mark.parametrize(
    ("sensors", "reason"),
    [
        (lambda tank: [tank.reading(), tank.reading()], "SENSOR_REPEATED"),
        (lambda tank: [tank.reading(), tank.reading("plant.level")], "SENSOR_REPEATED"),
        (lambda tank: [1], "AUTHOR_CODE_FAILED"),
        (lambda tank: None, "AUTHOR_CODE_FAILED"),
    ],
)
def test_a_baseline_that_cannot_be_is_refused(sensors: Any, reason: str) -> None:
    class Wrong(Tank):
        def start_environment(self) -> Any:
            super().start_environment()
            return EnvironmentBaseline(sensors(self), [])

    with pytest.raises(AuthorError) as caught:
        begin(Wrong)
    assert caught.value.reason == reason


class Stubborn(Tank):
    def shutdown(self, reset: bool = False) -> bool:
        raise OSError("the door is stuck")


def test_closing_never_raises_but_a_shutdown_says_what_went_wrong() -> None:
    session, _ = begin(Stubborn)
    session.close()
    session, _ = begin(Stubborn)
    session.send(Shutdown())
    with pytest.raises(AuthorError, match="the door is stuck"):
        session.receive(1)


def test_author_code_is_shown_on_the_gauge() -> None:
    gauge = RecordingGauge()
    session, started = begin(Tank, gauge=gauge)
    step(session, started)
    reset(session)
    session.close()
    assert gauge.kinds == ["start", "start", "update", "reset", "shutdown"]
    assert {call[1] for call in gauge.calls if call != "end"} == {"environment 'plant'"}
    assert [call[2] for call in gauge.calls if call != "end"] == [120, 120, 60, 120, 120]


def test_calls_out_of_turn_are_refused() -> None:
    session, started = begin(Tank)
    with pytest.raises(FailedPreconditionError):
        session.receive(1)
    session.send(StartEnvironment(Component("it", {}), "plant", 3, (1,)))
    with pytest.raises(FailedPreconditionError) as caught:
        session.receive(1)
    assert caught.value.reason == "GRAMMAR_VIOLATED"
    step(session, started)


def test_an_object_that_is_there_already_is_used_session_after_session() -> None:
    tank = Tank("plant", "127.0.0.1:1", 5)
    for _ in range(2):
        session, started = begin(dict, existing=tank)
        assert first_level(started.first) == generator(11).uniform(0, 1)
        step(session, started, 1)
        session.close()
    with pytest.raises(InvalidArgumentError) as caught:
        begin(dict, existing=tank, recreate_each_episode=True)
    assert caught.value.reason == "INSTANCE_FIXED"


def test_run_and_worker_reach_for_the_server_only_when_they_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Environment] = []
    server: Any = types.ModuleType("sparring.environment.server.run_object")
    server.run_object = served.append
    server.worker_of = lambda environment: f"worker of {environment.uid}"
    monkeypatch.setitem(sys.modules, server.__name__, server)
    tank = Tank("plant", "127.0.0.1:1", 5)
    tank.run()
    assert served == [tank]
    assert tank.worker == "worker of plant"


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ({}, (False, False)),
        ({"done": False}, (False, False)),
        ({"done": True}, (True, False)),
        ({"terminated": True}, (True, False)),
        ({"truncated": True}, (False, True)),
        ({"done": True, "terminated": False}, (False, True)),
        ({"done": True, "truncated": False}, (True, False)),
        ({"done": np.bool_(True), "terminated": np.bool_(True), "truncated": np.bool_(False)}, (True, False)),
        ({"terminated": False, "truncated": False}, (False, False)),
    ],
)
def test_a_state_ends_in_one_of_two_ways(given: dict[str, Any], ends: tuple[bool, bool]) -> None:
    state = EnvironmentState([], [], **given)
    assert state.ends() == ends
    assert state.done == any(ends)


@pytest.mark.parametrize(
    "given",
    [
        {"terminated": True, "truncated": True},
        {"done": False, "terminated": True},
        {"done": False, "truncated": True},
        {"done": True, "terminated": False, "truncated": False},
    ],
)
def test_a_state_that_contradicts_itself_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        EnvironmentState([], [], **given)
    assert caught.value.reason == "STATE_CONTRADICTORY"


class Timed(Tank):
    def update(self, actuators: Any) -> Any:
        state = super().update(actuators)
        state.simtime = SimTime(timestamp_ns=5_000)
        state.next_update = SimTime(timestamp_ns=9_000)
        return state


def test_time_may_be_a_timestamp() -> None:
    session, started = begin(Timed)
    assert (started.first.time.ticks, started.first.time.timestamps_ns) == ((1,), ())
    updated = step(session, started)
    assert (updated.time.ticks, updated.time.timestamps_ns) == ((), (5_000,))
    assert updated.next_update is not None
    assert updated.next_update.timestamps_ns == (9_000,)
