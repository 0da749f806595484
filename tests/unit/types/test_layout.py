"""Values of authors survive packing, whatever the spaces, the lanes and what is absent."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparring.types.errors import InvalidArgumentError, OutOfSpaceError
from sparring.types.layout import Layout
from sparring.types.space import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from sparring.types.values import Values, join_present
from tests.unit.types.strategies import chances, is_same, numeric, spaces, value_of

BOOLS: Space[Any] = Box(0, 1, (2,), np.dtype(bool))
BIG_ENDIAN: Space[Any] = Box(0, 1, (2,), np.dtype(">f4"))

relaxed = settings(deadline=None)
fields = st.lists(spaces, max_size=4)
lanes = st.integers(1, 3)


def draw_values(declared: list[Space[Any]], count: int, chance: random.Random) -> list[list[Any]]:
    """Return, per field and lane, a value or None."""
    return [[value_of(space, chance) if chance.random() < 0.8 else None for _ in range(count)] for space in declared]


def for_author(rows: list[list[Any]]) -> list[Any]:
    return [row[0] if len(row) == 1 else row for row in rows]


@relaxed
@given(fields, chances)
def test_what_an_author_gives_comes_back(declared: list[Space[Any]], chance: random.Random) -> None:
    layout = Layout(declared)
    given_values = for_author(draw_values(declared, 1, chance))
    assert is_same(layout.unpack(layout.pack(given_values)), given_values)


@relaxed
@given(fields, lanes, chances)
def test_every_lane_is_what_it_would_be_alone(declared: list[Space[Any]], count: int, chance: random.Random) -> None:
    layout, single = Layout(declared, count), Layout(declared)
    rows = draw_values(declared, count, chance)
    packed = layout.pack(for_author(rows))
    unpacked: list[Any] = layout.unpack(packed)
    for lane in range(count):
        alone = single.unpack(single.pack([row[lane] for row in rows]))
        found = [None if value is None else (value if count == 1 else value[lane]) for value in unpacked]
        # a lane of an array [K] is a scalar, where alone it is an array without axes
        found = [np.asarray(two) if isinstance(one, np.ndarray) else two for one, two in zip(alone, found, strict=True)]
        assert is_same(alone, found)
        for field, row in enumerate(rows):
            assert layout.is_present(packed, field, lane) == (row[lane] is not None)


@relaxed
@given(fields, lanes, chances)
def test_packed_values_have_one_form(declared: list[Space[Any]], count: int, chance: random.Random) -> None:
    layout = Layout(declared, count)
    rows = draw_values(declared, count, chance)
    packed = layout.pack(for_author(rows))
    flags = [value is not None for row in rows for value in row]
    assert packed.present == join_present(flags)
    assert packed.present != layout.full_present or not packed.present
    assert len(packed.data) == layout.size
    assert len(packed.texts) == layout.text_count
    assert layout.accept(packed) == packed
    if all(flags):
        assert layout.accept(packed._replace(present=layout.full_present)) == packed


@relaxed
@given(fields, lanes)
def test_every_leaf_and_field_starts_at_a_multiple_of_eight(declared: list[Space[Any]], count: int) -> None:
    layout = Layout(declared, count)
    assert all(packed.offset % 8 == 0 for packed in layout.leaves)
    assert layout.size % 8 == 0
    end = 0
    for index, field in enumerate(layout.fields):
        segment = layout.segment(index)
        assert segment.start == end == field.offset
        end = segment.stop
    assert end == layout.size


@relaxed
@given(st.lists(numeric, max_size=4), lanes, chances)
def test_a_segment_is_what_the_field_packs_to_alone(
    declared: list[Space[Any]], count: int, chance: random.Random
) -> None:
    layout = Layout(declared, count)
    given_values = for_author(draw_values(declared, count, chance))
    data = layout.pack(given_values).data
    for index, space in enumerate(declared):
        assert data[layout.segment(index)] == Layout([space], count).pack([given_values[index]]).data


@relaxed
@given(fields, lanes, chances)
def test_arrays_and_views_are_inverse(declared: list[Space[Any]], count: int, chance: random.Random) -> None:
    layout = Layout(declared, count)
    packed = layout.pack(
        [
            [value_of(space, chance) for _ in range(count)] if count > 1 else value_of(space, chance)
            for space in declared
        ]
    )
    views = layout.views(packed.data)
    assert [view.shape for view in views] == [(count, *found.leaf.shape) for found in layout.arrays]
    assert layout.pack_arrays(views, packed.texts) == packed
    if count == 1:
        assert layout.pack_arrays([view[0] for view in views], packed.texts) == packed
    assert not any(view.flags.writeable for view in views)


def test_the_bytes_are_the_documented_ones() -> None:
    layout = Layout(
        [
            Box(-9, 9, (3,), np.float32),
            Discrete(5, start=-2),
            Dict({"b": MultiBinary(2), "a": Box(0, 9, (), np.uint16)}),
        ],
        lanes=2,
    )
    packed = layout.pack(
        [
            np.array([[1, 2, 3], [4, 5, 6]], np.float32),
            [-2, None],
            [
                {"a": np.array(258, np.uint16), "b": np.array([0, 1], np.int8)},
                {"a": np.array(3, np.uint16), "b": [1, 1]},
            ],
        ]
    )
    assert packed.data.hex(" ", 4) == " ".join(
        [
            "0000803f 00000040 00004040 00008040 0000a040 0000c040",  # float32 [2, 3]
            "feffffff ffffffff 00000000 00000000",  # int64 [2]: -2, absent
            "02010300 00000000",  # a (gymnasium sorts the keys of a plain dict): uint16 [2], padded
            "00010101 00000000",  # b: int8 [2, 2], padded
        ]
    )
    assert packed.present.hex() == "37"
    assert layout.fields[2].nbytes == 16


def test_texts_travel_beside_field_by_field_leaf_by_leaf_lane_by_lane() -> None:
    layout = Layout([Text(3), Tuple([Text(3), Discrete(2), Text(3)])], lanes=2)
    packed = layout.pack([["a", None], [("b", 0, "c"), ("d", 1, "e")]])
    assert packed.texts == ("a", "", "b", "d", "c", "e")
    assert len(packed.data) == 16


def test_unpacked_arrays_belong_to_the_author() -> None:
    layout = Layout([Box(-1, 1, (2,)), Box(-1, 1, (2,))])
    packed = layout.pack([np.zeros(2, np.float32), np.ones(2, np.float32)])
    first, second = layout.unpack(packed)
    assert isinstance(first, np.ndarray)
    first += 5
    assert is_same(second, np.ones(2, np.float32))
    assert is_same(layout.unpack(packed)[0], np.zeros(2, np.float32))


def test_a_layout_without_fields_packs_nothing() -> None:
    layout = Layout([])
    assert layout.pack([]) == Values(b"") == layout.absent
    assert layout.unpack(Values(b"")) == []
    assert layout.check(Values(b"")) is None


def test_nothing_present_is_zero_and_absent() -> None:
    layout = Layout([Discrete(3, start=1), Text(3)], lanes=2)
    assert layout.absent == Values(bytes(16), b"\x00", ("", ""))
    assert layout.unpack(layout.absent) == [None, None]
    assert layout.check(layout.absent) is None


@pytest.mark.parametrize(
    ("space", "value", "expected"),
    [
        (Box(-1, 1, (2,)), np.array([0.1, 0.2]), np.array([0.1, 0.2], np.float32)),
        (Box(-1, 1, (2,)), [1, 0], np.array([1, 0], np.float32)),
        (Box(-1, 1, ()), 0.5, np.array(0.5, np.float32)),
        (Box(-np.inf, np.inf, ()), np.inf, np.array(np.inf, np.float32)),
        (Box(0, 255, (2,), np.uint8), np.array([3, 255]), np.array([3, 255], np.uint8)),
        (BOOLS, [True, False], np.array([True, False])),
        (BOOLS, np.array([1, 0]), np.array([True, False])),
        (Box(0, 1, (0,), np.int8), [], np.array([], np.int8)),
        (BIG_ENDIAN, np.array([0.5, 1]), np.array([0.5, 1], ">f4")),
        (Discrete(5), True, np.int64(1)),
        (Discrete(5, dtype=np.int8), np.array(3, np.uint64), np.int8(3)),
        (MultiDiscrete([3, 3], np.int32), [1, 2], np.array([1, 2], np.int32)),
        (MultiBinary(2), np.array([True, False]), np.array([1, 0], np.int8)),
        (Text(3), np.str_("ab"), "ab"),
        (Tuple([Discrete(3), Discrete(3)]), np.array([1, 2]), (np.int64(1), np.int64(2))),
    ],
)
def test_a_value_of_another_type_is_converted_where_it_says_the_same(space: Any, value: Any, expected: Any) -> None:
    layout = Layout([space])
    (found,) = layout.unpack(layout.pack([value]))
    assert is_same(found, expected)


@pytest.mark.parametrize(
    ("space", "value", "says"),
    [
        (Box(-1, 1, (2,)), np.zeros(3), "its shape is (3,), the space's is (2,)"),
        (Box(-1, 1, ()), np.zeros(1), "its shape is (1,), the space's is ()"),
        (Box(-1, 1, (2,)), [[1], [2, 3]], "it is no array of numbers"),
        (Box(-1, 1, (2,)), ["1", "2"], "it holds no numbers but <U1"),
        (Box(-1, 1, ()), None, None),
        (Box(-1, 1, ()), object(), "it holds no numbers but object"),
        (Box(-np.inf, np.inf, ()), 1e300, "it is of float64 and too large for the space's float32"),
        (Box(0, 255, (1,), np.uint8), np.array([256]), "it is of int64 and does not fit the space's uint8"),
        (Box(0, 255, (1,), np.uint8), np.array([-1]), "it is of int64 and does not fit the space's uint8"),
        (Box(0, 255, (1,), np.uint8), np.array([1.0]), "it holds floating-point numbers, the space is of uint8"),
        (Discrete(5), 1.0, "it holds floating-point numbers"),
        (Discrete(5), np.array([1]), "its shape is (1,)"),
        (Discrete(5), 2**70, "it holds no numbers but object"),
        (Text(3), 5, "it is int, the space holds text"),
        (Tuple([Discrete(3)]), (1, 2), "it must be a tuple of 1 values"),
        (Dict({"a": Discrete(3)}), {"b": 1}, "it must be a dict with exactly the keys a"),
        (Dict({"a": Tuple([Discrete(3)])}), {"a": (0.5,)}, "at a.0"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(space: Any, value: Any, says: str | None) -> None:
    layout = Layout([Discrete(2), space])
    if says is None:
        assert not layout.is_present(layout.pack([0, value]), 1)
        return
    with pytest.raises(OutOfSpaceError) as caught:
        layout.pack([0, value])
    assert caught.value.reason == "VALUE_OUT_OF_SPACE"
    assert says in caught.value.message
    assert caught.value.metadata["field"] == "1"
    assert "space" in caught.value.metadata
    assert "value" in caught.value.metadata


@pytest.mark.parametrize("value", [5, "ab", {"a": 1, "b": 2}, [1, 2, 3], np.zeros(3, np.int64), np.array(1)])
def test_lanes_need_a_value_each(value: object) -> None:
    with pytest.raises(OutOfSpaceError) as caught:
        Layout([Discrete(3)], lanes=2).pack([value])
    assert caught.value.metadata["field"] == "0"


def test_a_value_too_few_or_too_many_is_refused() -> None:
    layout = Layout([Discrete(3), Text(3)])
    for wrong in ([], [1], [1, "a", 2]):
        with pytest.raises(InvalidArgumentError) as caught:
            layout.pack(wrong)
        assert caught.value.reason == "FIELDS_MISCOUNTED"
    with pytest.raises(InvalidArgumentError) as caught:
        layout.pack_arrays([np.array([1])])
    assert caught.value.reason == "FIELDS_MISCOUNTED"


@pytest.mark.parametrize("array", [np.zeros(3, np.float32), np.zeros(2, np.complex64), np.array([1e300, 0])])
def test_arrays_that_do_not_fit_are_refused(array: Any) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Layout([Box(-1, 1, (2,))]).pack_arrays([array])
    assert caught.value.reason == "ARRAYS_INVALID"


def test_a_layout_has_at_least_one_lane() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Layout([Discrete(2)], lanes=0)
    assert caught.value.reason == "LANES_INVALID"


@pytest.mark.parametrize(
    "wrong",
    [
        Values(bytes(16), b"", ("",)),
        Values(bytes(24), b"", ()),
        Values(bytes(24), b"\x07\x00", ("",)),
        Values(bytes(24), b"\x0f", ("",)),
        Values(bytes(8) + b"\x01" + bytes(15), b"\x05", ("",)),
        Values(bytes(24), b"\x03", ("a",)),
        Values(bytes(17) + b"\x01" + bytes(6), b"", ("",)),
    ],
)
def test_values_of_another_side_that_do_not_follow_the_layout_are_refused(wrong: Values) -> None:
    layout = Layout([Discrete(3), Tuple([Discrete(3), Box(0, 1, (1,), np.int8)]), Text(3, min_length=0)])
    with pytest.raises(InvalidArgumentError) as caught:
        layout.accept(wrong)
    assert caught.value.reason == "PACKED_INVALID"


def test_values_of_the_wrong_size_are_neither_read_nor_checked() -> None:
    layout = Layout([Discrete(3)])
    for use in (layout.unpack, layout.check, lambda values: layout.views(values.data)):
        with pytest.raises(InvalidArgumentError) as caught:
            use(Values(bytes(16)))
        assert caught.value.reason == "PACKED_INVALID"
