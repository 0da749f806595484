"""`check` finds what gymnasium's `contains` would refuse, and says where it is."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparring.types.layout import Layout
from sparring.types.leaf import Leaf
from sparring.types.space import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from sparring.types.values import Values
from tests.unit.types.strategies import chances, spaces, value_of

relaxed = settings(deadline=None)


def anything(leaf: Leaf, chance: random.Random) -> Any:
    """Return a value of the right shape and type, mostly inside, sometimes just outside or far off."""
    if isinstance(leaf.space, Text):
        return chance.choice(["", "a", "abcdefghij", value_of(leaf.space, chance)])
    array = np.array(value_of(leaf.space, chance))
    if array.size and chance.random() < 0.3:
        with np.errstate(all="ignore"):
            array.flat[chance.randrange(array.size)] = chance.choice(_strange(leaf, array.dtype))
    return array[()] if isinstance(leaf.space, Discrete) else array


def _strange(leaf: Leaf, dtype: np.dtype[Any]) -> list[Any]:
    low, high = (bound.reshape(-1)[0] for bound in leaf.bounds())
    if dtype.kind == "f":
        return [
            dtype.type(x) for x in (np.nan, np.inf, -np.inf, np.nextafter(low, -np.inf), np.nextafter(high, np.inf))
        ]
    if dtype.kind == "b":
        return [False, True]
    return [np.iinfo(dtype).min, np.iinfo(dtype).max]


def assembled(space: Space[Any], chance: random.Random) -> Any:
    if isinstance(space, Tuple):
        return tuple(assembled(inner, chance) for inner in space.spaces)
    if isinstance(space, Dict):
        return {key: assembled(inner, chance) for key, inner in space.spaces.items()}
    (packed,) = Layout([space]).leaves
    return anything(packed.leaf, chance)


@relaxed
@given(st.lists(spaces, max_size=5), st.integers(1, 3), chances)
def test_check_agrees_with_gymnasium(declared: list[Space[Any]], lanes: int, chance: random.Random) -> None:
    layout = Layout(declared, lanes)
    rows = [[assembled(space, chance) if chance.random() < 0.8 else None for _ in range(lanes)] for space in declared]
    packed = layout.pack([row[0] if lanes == 1 else row for row in rows])
    outside = [
        (field, lane)
        for field, space in enumerate(declared)
        for lane in range(lanes)
        if rows[field][lane] is not None and not space.contains(rows[field][lane])
    ]
    found = layout.check(packed)
    assert (found is None) == (not outside)
    if found is not None:
        assert (found.field, found.lane) == outside[0]


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (Box(-1, 1, (3,)), np.array([0, 1, np.nextafter(np.float32(1), np.float32(2))], np.float32)),
        (Box(-np.inf, np.inf, (3,)), np.array([0, np.inf, np.nan], np.float32)),
        (Box(-np.inf, 1, (3,)), np.array([0, -np.inf, np.nan], np.float32)),
        (Box(0, np.inf, (3,)), np.array([0, np.inf, -0.5], np.float32)),
        (Box(0, np.array([3, 2, 1.0]), dtype=np.float64), np.array([3, 2, 1.5])),
        (Box(0, 254, (3,), np.uint8), np.array([0, 254, 255], np.uint8)),
        (MultiDiscrete([3, 3, 3], start=[0, -1, 5]), np.array([2, -1, 8])),
        (MultiBinary(3), np.array([0, 1, 2])),
    ],
)
def test_the_number_that_is_outside_is_named(space: Any, value: Any) -> None:
    layout = Layout([Discrete(2), Dict({"a": Tuple([Discrete(2), space])}), space])
    low, high = layout.leaves[-1].leaf.bounds()
    inside = value.copy()
    inside[2] = low[2] if np.isfinite(low[2]) else min(high[2], 0)
    assert layout.check(layout.pack([1, {"a": (1, inside)}, inside])) is None
    found = layout.check(layout.pack([1, {"a": (1, value)}, value]))
    assert found is not None
    assert (found.field, found.lane, found.path, found.position, found.space) == (1, 0, "a.1", (2,), space)
    assert np.array_equal(found.value, value[2], equal_nan=True)  # type: ignore[arg-type]
    error = found.error("grid.voltage")
    says = f"The value of grid.voltage is outside its space: {value[2]!s} at a.1[2] is not inside"
    assert error.message.startswith(says)
    assert error.metadata["uid"] == "grid.voltage"


@pytest.mark.parametrize("text", ["", "abcd", "xb"])
def test_a_text_of_wrong_length_or_characters_is_found(text: str) -> None:
    layout = Layout([Text(3, charset="abcd"), Discrete(2)], lanes=2)
    found = layout.check(layout.pack([["ab", text], [0, 5]]))
    assert found is not None
    assert (found.field, found.lane, found.value) == (0, 1, text)


def test_what_is_absent_is_not_checked() -> None:
    layout = Layout([Discrete(3, start=5), Box(1, 2, (2,)), Text(3)], lanes=2)
    assert layout.check(layout.absent) is None
    assert layout.check(layout.pack([[None, 5], None, ["a", None]])) is None
    found = layout.check(layout.pack([[None, 4], None, ["a", None]]))
    assert found is not None
    assert (found.field, found.lane, found.value) == (0, 1, 4)


def test_leaves_of_one_dtype_that_do_not_touch_are_checked_together() -> None:
    declared = [Box(1, 2, (3,)), Discrete(3), Box(5, 6, (), np.float32), MultiBinary(3), Discrete(4, start=1)]
    layout = Layout(declared)
    good = [np.ones(3, np.float32), 2, np.float32(5), np.zeros(3, np.int8), 1]
    assert layout.check(layout.pack(good)) is None
    for field, wrong in enumerate([np.zeros(3, np.float32), 3, np.float32(0), np.full(3, 2, np.int8), 0]):
        found = layout.check(layout.pack([*good[:field], wrong, *good[field + 1 :]]))
        assert found is not None
        assert found.field == field


def test_many_equal_bounds_are_checked_as_one() -> None:
    layout = Layout([Box(0, 1, (50, 50)), Box(0, 1, (50, 50))])
    image = np.zeros((50, 50), np.float32)
    wrong = image.copy()
    wrong[7, 9] = 2
    assert layout.check(layout.pack([image, image])) is None
    found = layout.check(layout.pack([image, wrong]))
    assert found is not None
    assert (found.field, found.position) == (1, (7, 9))


def test_integers_of_a_full_range_need_no_comparison() -> None:
    layout = Layout([Box(0, 255, (4,), np.uint8)])
    assert layout.check(Values(bytes([0, 1, 255, 128, 0, 0, 0, 0]))) is None


def test_a_bool_that_is_neither_zero_nor_one_is_outside() -> None:
    found = Layout([Box(0, 1, (2,), np.bool_)]).check(Values(b"\x01\x02" + bytes(6)))
    assert found is not None
    assert found.position == (1,)
