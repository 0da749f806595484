"""Readings as features, row by row in the brain and one by one in the muscle."""

from typing import Any

import numpy as np
import pytest

from sparring.agent.learners.features import Features
from sparring.types.layout import Layout
from sparring.types.space import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Text, Tuple

SPACES: dict[str, list[Any]] = {
    "one vector": [Box(-9, 9, (3,), np.float32)],
    "numbers": [Box(-9, 9, (), np.float64), Box(0, 9, (), np.int16), Box(-9, 9, (2, 2), np.float32)],
    "categories": [Discrete(3, start=-1), MultiDiscrete([2, 3], start=[1, -1]), MultiBinary((2, 2))],
    "mixed": [Box(-9, 9, (2,), np.float32), Discrete(4), Box(-9, 9, (), np.float64)],
    "nested": [Dict({"a": Tuple((Discrete(2), Box(0, 1, (2,), np.float32))), "b": Text(3)}), Discrete(2)],
    "bools": [Box(0, 1, (3,), np.bool_)],
    "text": [Text(4), Box(-1, 1, (1,), np.float32)],
}


@pytest.mark.parametrize("name", SPACES)
def test_a_step_has_the_same_features_in_brain_and_muscle(name: str) -> None:
    spaces = SPACES[name]
    features, layout = Features(spaces), Layout(spaces)
    rows = []
    for seed in range(20):
        for place, space in enumerate(spaces):
            space.seed(seed * 10 + place)
        rows.append(layout.pack([space.sample() for space in spaces]))
    together = features.of_rows(rows)
    assert together.shape == (20, features.size)
    missing = np.zeros(features.size)
    for row, expected in zip(rows, together, strict=True):
        assert np.array_equal(features.of_one(layout.unpack(row), missing), expected)


def test_numbers_stay_numbers_and_categories_are_one_feature_each() -> None:
    spaces = SPACES["mixed"]
    features = Features(spaces)
    row = Layout(spaces).pack([np.array([3.0, -4.0], np.float32), 2, 5.5])
    assert features.of_rows([row]).tolist() == [[3, -4, 0, 0, 1, 0, 5.5]]
    assert features.numbers.tolist() == [True, True, False, False, False, False, True]


def test_what_was_not_read_is_no_number_in_the_brain_and_the_mean_in_the_muscle() -> None:
    spaces = SPACES["mixed"]
    features, layout = Features(spaces), Layout(spaces)
    row = layout.pack([None, None, 5.5])
    assert np.array_equal(features.of_rows([row])[0], [np.nan, np.nan, 0, 0, 0, 0, 5.5], equal_nan=True)
    mean = np.array([7.0, 8.0, 0, 0, 0, 0, 9.0])
    assert features.of_one(layout.unpack(row), mean).tolist() == [7, 8, 0, 0, 0, 0, 5.5]
    alone = Features(SPACES["one vector"])
    assert alone.of_one([None], np.arange(3.0)).tolist() == [0, 1, 2]
