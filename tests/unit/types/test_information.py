"""Authors read and set values through information objects, which know their space."""

from __future__ import annotations

import copy
import pickle
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from sparring.types.errors import InvalidArgumentError, OutOfActionSpaceError, OutOfSpaceError
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.space import Box, Dict, Discrete, Space, Text, Tuple
from tests.unit.types.strategies import chances, spaces, value_of

KINDS: list[Any] = [SensorInformation, ActuatorInformation, RewardInformation]


@settings(deadline=None)
@given(spaces, chances)
def test_every_value_of_a_space_is_accepted(space: Space[Any], chance: random.Random) -> None:
    value = value_of(space, chance)
    for kind in KINDS:
        information = kind(value, space, "x")
        assert information.value is value
        assert information == copy.deepcopy(information) == pickle.loads(pickle.dumps(information))


def test_a_sensor_and_a_reward_are_called_for_their_value() -> None:
    assert SensorInformation(2, Discrete(3), "level")() == 2
    assert RewardInformation(0.5, Box(0, 1, ()), "profit")() == 0.5


def test_an_actuator_is_called_with_its_setpoint() -> None:
    valve = ActuatorInformation(space=Discrete(3), uid="valve")
    found = [valve.value]
    for setpoint in (2, 1, None):
        valve(setpoint)
        found.append(valve.value)
    assert found == [None, 2, 1, None]


def test_a_setpoint_outside_its_space_is_refused_and_changes_nothing() -> None:
    valve = ActuatorInformation(1, Discrete(3), "valve")
    for wrong in (3, -1, 0.5, "a", [1]):
        with pytest.raises(OutOfActionSpaceError) as caught:
            valve(wrong)
        assert caught.value.reason == "VALUE_OUT_OF_SPACE"
        assert caught.value.metadata["uid"] == "valve"
        assert caught.value.metadata["space"] == "Discrete(3)"
    assert valve.value == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_outside_its_space_is_refused_by_name(kind: Any) -> None:
    with pytest.raises(OutOfSpaceError) as caught:
        kind(2.5, Box(0, 2, ()), "voltage")
    assert caught.value.message == (
        f"{kind.__name__} voltage cannot have the value 2.5: "
        "2.5 is not inside Box(low=0.0, high=2.0, shape=(), dtype=np.float32)."
    )
    assert isinstance(caught.value, InvalidArgumentError | ValueError)


def test_a_float64_in_a_float32_space_is_fine() -> None:
    assert SensorInformation(np.array([0.5, 0.1]), Box(0, 2, (2,)), "voltage")().dtype == np.float64


def test_a_value_may_be_left_unchecked_until_later() -> None:
    sensor = SensorInformation(5, Discrete(3), "level", check=False)
    with pytest.raises(OutOfSpaceError):
        sensor.check()


def test_a_new_space_must_contain_the_value() -> None:
    sensor = SensorInformation(2, Discrete(3), "level")
    with pytest.raises(OutOfSpaceError):
        sensor.space = Discrete(2)
    sensor.space = Discrete(4)
    assert sensor.space.n == 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given_values", [{"space": Discrete(2)}, {"uid": "x"}])
def test_space_and_uid_are_needed(kind: Any, given_values: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        kind(1, **given_values)
    assert caught.value.reason == "INFORMATION_INCOMPLETE"


def test_a_number_as_uid_becomes_text() -> None:
    sensor = SensorInformation(1, Discrete(2), 7)
    assert sensor.uid == "7"
    sensor.uid = "8"
    assert sensor.uid == "8"


ALIASES = [
    (SensorInformation, "sensor_value", "observation_space", "sensor_id"),
    (ActuatorInformation, "setpoint", "action_space", "actuator_id"),
    (RewardInformation, "reward_value", "observation_space", "reward_id"),
]


@pytest.mark.parametrize(("kind", "value", "space", "uid"), ALIASES)
def test_old_names_of_arguments_work_with_a_warning(kind: Any, value: str, space: str, uid: str) -> None:
    with pytest.warns(DeprecationWarning, match=kind.__name__) as warned:
        information = kind(**{value: 1, space: Discrete(2), uid: "x"})
    assert {str(warning.message) for warning in warned} == {
        f"{kind.__name__}.{value} is deprecated, use value.",
        f"{kind.__name__}.{space} is deprecated, use space.",
        f"{kind.__name__}.{uid} is deprecated, use uid.",
    }
    assert {warning.filename for warning in warned} == {__file__}
    assert (information.value, information.space, information.uid) == (1, Discrete(2), "x")


@pytest.mark.parametrize(("kind", "value", "space", "uid"), ALIASES)
def test_old_names_of_attributes_work_with_a_warning(kind: Any, value: str, space: str, uid: str) -> None:
    information = kind(1, Discrete(3), "x")
    for old, new, other in ((value, "value", 2), (space, "space", Discrete(4)), (uid, "uid", "y")):
        with pytest.warns(DeprecationWarning, match=f"use {new}"):
            assert getattr(information, old) == getattr(information, new)
        with pytest.warns(DeprecationWarning, match=f"use {new}") as warned:
            setattr(information, old, other)
        assert getattr(information, new) == other
        assert warned[0].filename == __file__


def test_an_unknown_argument_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'valve'"):
        SensorInformation(1, Discrete(2), "x", valve=3)


def test_rewards_are_added() -> None:
    one, two = (RewardInformation(number, Box(-9, 9, ()), "r") for number in (1.5, 2))
    assert one + two == one + 2 == 2 + one - 0 == 3.5
    assert sum([one, two]) == 3.5


def test_equality_looks_at_values_spaces_and_uids() -> None:
    space = Dict({"a": Tuple([Box(0, 9, (2,)), Text(3)])})

    def made(number: int, text: str = "b", uid: str = "x") -> SensorInformation:
        return SensorInformation({"a": (np.array([1, number], np.float32), text)}, space, uid)

    assert made(2) == made(2)
    assert made(2) != made(3)
    assert made(2) != made(2, "c")
    assert made(2) != made(2, uid="y")
    assert made(2) != SensorInformation(made(2).value, Dict({"a": Tuple([Box(0, 8, (2,)), Text(3)])}), "x")
    assert made(2) != ActuatorInformation(made(2).value, space, "x")
    assert SensorInformation(1, Discrete(2), "x", ["a"]) != SensorInformation(1, Discrete(2), "x", ["b"])


def test_the_length_is_the_number_of_components() -> None:
    assert len(SensorInformation(None, Tuple([Box(0, 1, (2, 3)), Discrete(3), Text(4)]), "x")) == 8
    assert SensorInformation(None, Box(0, 1, (0,)), "x")


def test_an_information_reads_well() -> None:
    assert repr(SensorInformation(1, Discrete(2), "x")) == "SensorInformation(value=1, space=Discrete(2), uid='x')"


def test_an_information_holds_nothing_else() -> None:
    with pytest.raises(AttributeError):
        SensorInformation(1, Discrete(2), "x").valu = 3  # type: ignore[attr-defined]


def test_more_spaces_than_are_remembered_are_checked_all_the_same() -> None:
    for n in range(1, 600):
        assert SensorInformation(n - 1, Discrete(n), "x")() == n - 1
        with pytest.raises(OutOfSpaceError):
            SensorInformation(n, Discrete(n), "x")
