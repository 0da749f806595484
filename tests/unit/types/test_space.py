"""Spaces are gymnasium's; leaves keep their order, equality is exact."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

import gymnasium.spaces
import numpy as np
import pytest
from hypothesis import given, settings

from sparring.types.errors import InvalidArgumentError
from sparring.types.space import (
    Box,
    Dict,
    Discrete,
    MultiBinary,
    MultiDiscrete,
    Space,
    Text,
    Tuple,
    equal_spaces,
    kind_of,
    leaves,
)
from tests.unit.types.strategies import spaces


def test_spaces_are_the_classes_of_gymnasium() -> None:
    assert Box is gymnasium.spaces.Box
    assert Dict is gymnasium.spaces.Dict


def test_leaves_keep_the_order_of_the_space_itself() -> None:
    ordered = Dict(OrderedDict(b=Discrete(2), a=Tuple([Discrete(3), Dict([("z", Text(2)), ("y", Discrete(4))])])))
    assert [leaf.name for leaf in leaves(ordered)] == ["b", "a.0", "a.1.z", "a.1.y"]
    assert [leaf.path for leaf in leaves(ordered)][2] == ("a", 1, "z")
    # gymnasium sorts the keys of a plain dict
    assert [leaf.name for leaf in leaves(Dict({"b": Discrete(2), "a": Discrete(2)}))] == ["a", "b"]


BOOL: Any = np.dtype(bool)


@pytest.mark.parametrize(
    ("space", "dtype", "shape"),
    [
        (Box(0, 1, (2, 3)), "<f4", (2, 3)),
        (Box(0, 1, (), np.uint16), "<u2", ()),
        (Box(0, 1, (2,), np.dtype(">f8")), "<f8", (2,)),
        (Box(0, 1, (2,), BOOL), "|i1", (2,)),
        (Discrete(3, dtype=np.int8), "<i8", ()),
        (MultiDiscrete(np.array([[1, 2]]), dtype=np.int16), "<i8", (1, 2)),
        (MultiBinary([2, 2]), "|i1", (2, 2)),
        (Text(3), None, ()),
    ],
)
def test_leaves_say_how_they_are_packed(space: Space[Any], dtype: str | None, shape: tuple[int, ...]) -> None:
    (leaf,) = leaves(space)
    assert (leaf.dtype and leaf.dtype.str, leaf.shape, leaf.path, leaf.name) == (dtype, shape, (), "")


def test_a_space_of_another_kind_is_refused_by_name() -> None:
    graph = gymnasium.spaces.Graph(Discrete(2), None)
    for unknown in (graph, gymnasium.spaces.Sequence(Discrete(2)), gymnasium.spaces.OneOf([Discrete(2)])):
        for space in (unknown, Tuple([Discrete(2), unknown])):
            with pytest.raises(InvalidArgumentError) as caught:
                leaves(space)
            assert caught.value.reason == "SPACE_UNKNOWN"
            assert caught.value.metadata["kind"] == type(unknown).__name__


def test_what_is_no_space_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        kind_of("Discrete(2)")
    assert "str, which is no space" in caught.value.message


def test_an_instance_of_a_subclass_counts_as_its_kind() -> None:
    class Voltage(Box):
        pass

    assert kind_of(Voltage(0, 1)) is Box


@pytest.mark.parametrize(
    ("space", "reason"),
    [
        (Box(0, 1, (2,), np.longdouble), "SPACE_UNKNOWN"),
        (Dict({1: Discrete(2)}), "SPACE_KEY_INVALID"),  # type: ignore[dict-item]
        (Discrete(2, start=np.uint64(2**63 - 1), dtype=np.uint64), "SPACE_TOO_LARGE"),
        (MultiDiscrete([2], np.uint64, start=np.array([2**63], np.uint64)), "SPACE_TOO_LARGE"),
    ],
)
def test_a_space_that_cannot_be_packed_is_refused(space: Space[Any], reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        leaves(space)
    assert caught.value.reason == reason


@settings(deadline=None)
@given(spaces)
def test_a_space_equals_its_copy(space: Space[Any]) -> None:
    assert equal_spaces(space, copy.deepcopy(space))


DIFFERENT: list[Space[Any]] = [
    Box(0, 1, (2,)),
    Box(0, 1, (2, 1)),
    Box(0, 1, (2,), np.float64),
    Box(0, 1, (2,), np.dtype(">f4")),
    Box(0, np.nextafter(np.float32(1), np.float32(2)), (2,)),
    Box(0, 1, (2,), np.int8),
    Discrete(2),
    Discrete(3),
    Discrete(2, start=1),
    Discrete(2, dtype=np.int32),
    MultiDiscrete([2, 2]),
    MultiDiscrete(np.array([[2, 2]])),
    MultiDiscrete([2, 3]),
    MultiDiscrete([2, 2], start=[0, 1]),
    MultiDiscrete([2, 2], np.int32),
    MultiBinary(2),
    MultiBinary(3),
    MultiBinary([2, 1]),
    Text(2),
    Text(3),
    Text(2, min_length=0),
    Text(2, charset="ab"),
    Text(2, charset="ba"),
    Tuple([]),
    Tuple([Discrete(2)]),
    Tuple([Discrete(3)]),
    Dict({}),
    Dict({"a": Discrete(2)}),
    Dict({"b": Discrete(2)}),
    Dict([("a", Discrete(2)), ("b", Discrete(2))]),
    Dict([("b", Discrete(2)), ("a", Discrete(2))]),
]


def test_the_slightest_difference_makes_spaces_different() -> None:
    for number, one in enumerate(DIFFERENT):
        for other in range(len(DIFFERENT)):
            assert equal_spaces(one, DIFFERENT[other]) == (number == other), (one, DIFFERENT[other])


def test_a_flat_multi_binary_is_the_same_however_its_length_is_given() -> None:
    assert equal_spaces(MultiBinary(2), MultiBinary([2]))
