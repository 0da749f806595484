"""Declared fields as one space."""

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Text, Tuple

from sparring.gym.fields import Fields
from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError

SPACES = {
    "box": Box(1.0, 2.0, (2,), np.float32),
    "choice": Discrete(3, start=5),
    "bits": MultiBinary(3),
    "many": MultiDiscrete([2, 3]),
    "word": Text(4, min_length=1, charset="ab"),
    "both": Tuple([Dict({"inner": Box(-1, 1, (), np.float64)}), Discrete(2)]),
}


def test_a_single_field_is_its_own_space() -> None:
    space = Box(0.0, 1.0, (2,), np.float32)
    fields = Fields([Declaration("only", space)])
    value = np.array([0.25, 0.5], np.float32)
    assert fields.space is space
    assert np.array_equal(fields.unpack(fields.pack(value)), value)


def test_several_fields_are_a_dict_and_absent_ones_keep_what_was() -> None:
    fields = Fields([Declaration(uid, space) for uid, space in SPACES.items()])
    value = fields.space.sample()
    assert fields.space.contains(fields.unpack(fields.pack(value)))
    before = fields.resting()
    assert fields.filled(fields.pack(value), before)[1] == ()
    filled, absent = fields.filled(fields.pack({"choice": 6}), before)
    found = fields.unpack(filled)
    assert absent == ("box", "bits", "many", "word", "both")
    assert found["choice"] == 6
    assert found["word"] == "a"
    assert np.array_equal(found["box"], [1.0, 1.0])


def test_what_was_never_reported_has_a_value_of_its_space() -> None:
    fields = Fields([Declaration(uid, space) for uid, space in SPACES.items()])
    resting = fields.unpack(fields.resting())
    assert [uid for uid, space in SPACES.items() if not space.contains(resting[uid])] == []
    only = Fields([Declaration("only", Discrete(3, start=-7))])
    assert only.unpack(only.resting()) == -5


@pytest.mark.parametrize(("value", "reason"), [({"nobody": 1}, "ACTUATOR_UNKNOWN"), (3, "FIELDS_MISCOUNTED")])
def test_an_action_names_actuators_that_there_are(value: object, reason: str) -> None:
    fields = Fields([Declaration("a", Discrete(2)), Declaration("b", Discrete(2))])
    with pytest.raises(InvalidArgumentError) as caught:
        fields.pack(value)
    assert caught.value.reason == reason
