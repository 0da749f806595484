"""Setpoints as choices, and back."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from sparring.agent.learners.choices import Choices
from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.space import Box, Discrete, MultiBinary, MultiDiscrete, Text
from tests.unit.agent.learners.worlds import KINDS

MORE: dict[str, Any] = {
    "wide": Box(-1e308, 1e308, (), np.float64),
    "narrow": Box(0, 2, (), np.int8),
    "fixed": Box(3.0, 3.0, (), np.float32),
    "square": Box(-1, 1, (2, 2), np.float32),
}


@pytest.mark.parametrize("kind", [*KINDS, *MORE])
def test_what_was_chosen_can_be_told_from_the_setpoint(kind: str) -> None:
    space = {**KINDS, **MORE}[kind]
    choices, layout = Choices(["w.a"], [space], 5), Layout([space])
    every = list(product(*[range(count) for count in choices.counts]))
    setpoints = [choices.setpoints(chosen) for chosen in every]
    rows = [layout.pack(each) for each in setpoints]
    assert all(layout.check(row) is None for row in rows)
    assert len(set(rows)) == len(rows)
    assert choices.of_rows(rows).tolist() == [list(chosen) for chosen in every]


def test_each_number_of_each_actuator_is_a_choice_in_order() -> None:
    spaces = [Discrete(3, start=4), Box(-2.0, 2.0, (2,), np.float32), MultiBinary(1), MultiDiscrete([4])]
    choices = Choices(["a", "b", "c", "d"], spaces, 5)
    assert choices.counts == (3, 5, 5, 2, 4)
    gear, push, switch, other = choices.setpoints([2, 0, 3, 1, 2])
    assert (gear, push.tolist(), switch.tolist(), other.tolist()) == (6, [-2.0, 1.0], [1], [2])
    assert (push.dtype, switch.dtype) == (np.float32, np.int8)


def test_levels_are_at_equal_distances_with_both_bounds_among_them() -> None:
    choices = Choices(["a"], [Box(-1.0, 3.0, (), np.float64)], 5)
    assert [float(choices.setpoints([number])[0]) for number in range(5)] == [-1, 0, 1, 2, 3]
    whole = Choices(["a"], [Box(0, 10, (), np.uint8)], 5)
    assert [int(whole.setpoints([number])[0]) for number in range(5)] == [0, 2, 5, 8, 10]


@pytest.mark.parametrize(("space", "why"), [(Text(3), "text"), (Box(0, np.inf, (2,), np.float32), "no bounds")])
def test_an_actuator_that_leaves_nothing_to_choose_from_is_named(space: Any, why: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Choices(["w.valve"], [space], 5)
    assert (caught.value.reason, caught.value.metadata["actuator"]) == ("ACTUATOR_UNSUITABLE", "w.valve")
    assert why in caught.value.message
