"""What authors of muscles may do, and the muscles that come with Sparring."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparring.agent import ActuatorInformation, DummyMuscle, Muscle, RandomMuscle, ScriptedMuscle
from sparring.agent.sampling import Sampler
from sparring.types.errors import AuthorError, FailedPreconditionError, InvalidArgumentError
from sparring.types.free_value import from_free_value
from sparring.types.layout import Layout
from sparring.types.seeds import generator
from sparring.types.space import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Text, Tuple
from tests.support.gauges import RecordingGauge
from tests.unit.agent.sessions import act, begin, declare

SENSORS = declare(s=Discrete(5))
ACTUATORS = declare(n=Discrete(4), v=Box(-1, 1, (2,), np.float32))


def answering(answer: Any) -> type[Muscle]:
    class Answering(Muscle):
        def propose_actions(self, sensors: Any, actuators_available: Any) -> Any:
            return answer(actuators_available) if callable(answer) else answer

    return Answering


def setpoint(place: int, value: Any) -> Any:
    return lambda actuators: ActuatorInformation(value, actuators[place].space, actuators[place].uid)


@pytest.mark.parametrize(
    ("answer", "setpoints", "data"),
    [
        (lambda actuators: ([setpoint(0, 2)(actuators)], {"a": 1}), [2, None], {"a": 1}),
        (lambda actuators: [setpoint(1, np.ones(2, np.float32))(actuators)], [None, [1, 1]], None),
        (lambda actuators: tuple(setpoint(0, 3)(actuators) for _ in range(1)), [3, None], None),
        (lambda actuators: (setpoint(0, 3)(actuators), setpoint(1, [0, 1])(actuators)), [3, [0, 1]], None),
        (([1, None], 5), [1, None], 5),
        (([1, [0.5, 0.5]], None), [1, [0.5, 0.5]], None),
        (None, [None, None], None),
        ((None, "nothing"), [None, None], "nothing"),
        (lambda actuators: (actuators, None), [None, None], None),
    ],
)
def test_setpoints_may_be_given_in_several_ways(answer: Any, setpoints: Any, data: Any) -> None:
    session = begin(answering(answer), SENSORS, ACTUATORS)
    values, acted = act(session, SENSORS, ACTUATORS, 1)
    assert [value.tolist() if isinstance(value, np.ndarray) else value for value in values] == setpoints
    assert (None if acted.data is None else from_free_value(acted.data)) == data


def test_an_array_of_all_numbers_is_shared_out() -> None:
    actuators = declare(a=Box(-1, 1, (), np.float32), b=Box(-1, 1, (2,), np.float64))
    session = begin(answering(np.array([0.25, 0.5, 0.75])), SENSORS, actuators)
    values, _ = act(session, SENSORS, actuators, 1)
    assert [np.asarray(value).tolist() for value in values] == [0.25, [0.5, 0.75]]


@pytest.mark.parametrize(
    ("answer", "reason", "text"),
    [
        ([1], "AUTHOR_CODE_FAILED", "1 values for 2 actuators"),
        (3, "AUTHOR_CODE_FAILED", "returned int"),
        (np.ones(4), "AUTHOR_CODE_FAILED", "an array of 4 numbers; the actuators have 3"),
        ([4, None], "SETPOINT_OUT_OF_SPACE", "w.n"),
        ([None, [1, 2, 3]], "SETPOINT_OUT_OF_SPACE", "its shape is (3,)"),
        (([1, None], object()), "AUTHOR_CODE_FAILED", "class object"),
        (lambda actuators: [setpoint(0, 1)(actuators)] * 2, "ACTUATOR_REPEATED", "w.n"),
        (lambda actuators: [setpoint(0, 1)(actuators), 3], "AUTHOR_CODE_FAILED", "int among ActuatorInformation"),
        (lambda actuators: actuators[0](9), "SETPOINT_OUT_OF_SPACE", "ActuatorInformation w.n cannot have the value 9"),
    ],
)
def test_setpoints_that_must_not_be_end_the_session(answer: Any, reason: str, text: str) -> None:
    session = begin(answering(answer), SENSORS, ACTUATORS)
    with pytest.raises(AuthorError) as caught:
        act(session, SENSORS, ACTUATORS, 1)
    assert caught.value.reason == reason
    assert (caught.value.metadata["agent"], caught.value.metadata["step"]) == ("mover", "1")
    assert text in caught.value.message
    with pytest.raises(FailedPreconditionError):
        act(session, SENSORS, ACTUATORS, 1)


class Fussy(Muscle):
    """Raises where it is told to."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at = at

    def _raise(self, at: str) -> None:
        if self.at == at:
            raise RuntimeError(f"not {at}")

    def setup(self) -> None:
        self._raise("setup")

    def reset(self) -> None:
        self._raise("reset")

    def teardown(self) -> None:
        self._raise("teardown")

    def propose_actions(self, sensors: Any, actuators_available: Any) -> Any:
        self.add_statistics("n", 1)
        self.add_statistics("n", "many" if self.at == "statistics" else 2, allow_overwrite=self.at != "repeated")
        return []


@pytest.mark.parametrize("at", ["setup", "reset"])
def test_a_muscle_that_fails_at_the_start_is_named(at: str) -> None:
    with pytest.raises(AuthorError, match=f"raised in {at}: RuntimeError: not {at}"):
        begin(Fussy, SENSORS, ACTUATORS, parameters={"at": at})


def test_closing_never_raises() -> None:
    session = begin(Fussy, SENSORS, ACTUATORS, parameters={"at": "teardown"})
    session.close()


def test_statistics_are_numbers_and_each_is_put_down_once() -> None:
    session = begin(Fussy, SENSORS, ACTUATORS, parameters={"at": ""})
    assert act(session, SENSORS, ACTUATORS, 1)[1].statistics == (("n", 2.0),)
    for at, text in (("repeated", "allow_overwrite"), ("statistics", "The statistics 'n' are str, not a number")):
        session = begin(Fussy, SENSORS, ACTUATORS, parameters={"at": at})
        with pytest.raises(AuthorError, match=text):
            act(session, SENSORS, ACTUATORS, 1)


def test_author_code_is_shown_on_the_gauge() -> None:
    gauge = RecordingGauge()
    session = begin(answering(None), SENSORS, ACTUATORS, gauge=gauge)
    act(session, SENSORS, ACTUATORS, 1)
    session.close()
    assert gauge.kinds == ["start", "start", "reset", "act", "shutdown"]
    assert {call[1] for call in gauge.calls if call != "end"} == {"agent 'mover'"}


def test_a_class_that_is_no_muscle_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        begin(dict, SENSORS, ACTUATORS)
    assert caught.value.reason == "CLASS_UNSUITABLE"


SPACES = [
    Discrete(7, start=-3),
    Box(-1.5, 2.5, (3,), np.float32),
    Box(np.array([-np.inf, 0, -np.inf, -2]), np.array([np.inf, np.inf, 0, 3]), dtype=np.float64),
    Box(-1e308, 1e308, (2,), np.float64),
    Box(0, 255, (2, 2), np.uint8),
    Box(0, 2**64 - 1, (), np.uint64),
    Box(-(2**63), 2**63 - 1, (), np.int64),
    MultiBinary([2, 3]),
    MultiDiscrete([2, 5], start=[1, -1]),
    Tuple([Discrete(2), Dict({"t": Text(4), "b": Box(0, 1, (), np.float16)})]),
    Text(5, min_length=0),
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(SPACES), max_size=5), st.integers(0, 1000))
def test_what_is_drawn_is_inside_its_space(spaces: list[Any], seed: int) -> None:
    sampler, layout = Sampler(spaces), Layout(spaces)
    rng = generator(seed)
    for _ in range(3):
        drawn = sampler.draw(rng)
        assert all(space.contains(value) for space, value in zip(spaces, drawn, strict=True))
        assert layout.check(layout.pack(drawn)) is None


def test_all_of_a_space_is_drawn() -> None:
    sampler, rng = Sampler([Discrete(3, start=2), Box(-1, 1, (), np.float32)]), generator(3)
    drawn = [sampler.draw(rng) for _ in range(300)]
    assert {value for value, _ in drawn} == {2, 3, 4}
    assert min(value for _, value in drawn) < -0.95 < 0.95 < max(value for _, value in drawn)


def test_a_random_muscle_needs_no_actuators() -> None:
    assert act(begin(RandomMuscle, SENSORS, ()), SENSORS, (), 1)[0] == []


def test_a_dummy_muscle_can_count() -> None:
    actuators = declare(n=Discrete(3, start=1), v=Box(0, 1, (), np.float32))
    session = begin(DummyMuscle, SENSORS, actuators, parameters={"count_upwards": True})
    acts = [act(session, SENSORS, actuators, 1) for _ in range(4)]
    assert [values[0] for values, _ in acts] == [1, 2, 3, 1]
    assert [from_free_value(acted.data) for _, acted in acts if acted.data is not None] == [1, 2, 3, 4]


def scripted(script: dict[str, Any], steps: int, **spaces: Any) -> list[list[Any]]:
    actuators = declare(**spaces)
    session = begin(ScriptedMuscle, SENSORS, actuators, parameters={"script": script})
    return [[np.asarray(value).tolist() for value in act(session, SENSORS, actuators, 1)[0]] for _ in range(steps)]


def test_a_script_sets_constants_sequences_and_sines() -> None:
    script = {
        "w.n": [0, 2, None],
        "r": {"sequence": [1, 0], "repeat": True},
        "v": 0.5,
        "s": {"sine": {"period": 4, "amplitude": 0.5, "offset": 0.5}},
        "k": {"sine": {"period": 4, "amplitude": 2, "offset": 2, "phase": 1}},
    }
    found = scripted(
        script,
        5,
        n=Discrete(3),
        r=Discrete(2),
        v=Box(-1, 1, (2,), np.float32),
        s=Box(0, 1, (), np.float64),
        k=Discrete(5),
        free=Discrete(2),
    )
    assert [each[0] for each in found] == [0, 2, None, None, None]
    assert [each[1] for each in found] == [1, 0, 1, 0, 1]
    assert found[0][2] == [0.5, 0.5]
    assert np.allclose([each[3] for each in found], [0.5 + 0.5 * math.sin(math.pi / 2 * step) for step in range(5)])
    assert [each[4] for each in found] == [4, 2, 0, 2, 4]
    assert {str(each[5]) for each in found} == {"None"}


@pytest.mark.parametrize(
    "script",
    [
        {"n": {}},
        {"n": {"constant": 1, "sequence": [1]}},
        {"n": {"constant": 1, "repeat": True}},
        {"n": []},
        {"n": {"sine": {"amplitude": 1}}},
        {"n": {"sine": {"period": 0}}},
        {"n": {"sine": {"period": "day"}}},
        {"n": {"sine": {"period": 4, "frequency": 1}}},
    ],
)
def test_a_script_that_cannot_be_is_refused(script: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        ScriptedMuscle(script)
    assert caught.value.reason == "SCRIPT_INVALID"
    assert "'n'" in caught.value.message


def test_a_script_for_an_actuator_that_is_not_there_is_refused() -> None:
    with pytest.raises(AuthorError, match="There is no actuator 'valve'"):
        scripted({"valve": 1}, 1, n=Discrete(3))


def test_a_script_that_leaves_the_space_is_refused_when_it_does() -> None:
    with pytest.raises(AuthorError) as caught:
        scripted({"n": [1, 3]}, 2, n=Discrete(3))
    assert (caught.value.reason, caught.value.metadata["step"]) == ("SETPOINT_OUT_OF_SPACE", "2")
