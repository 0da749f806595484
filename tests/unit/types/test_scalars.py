"""Many scalars packed at once are the same bytes, and the same errors, as one by one."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from sparring.types.errors import OutOfSpaceError
from sparring.types.layout import Layout
from sparring.types.scalars import FEWEST, Scalars
from sparring.types.space import Box, Discrete

COUNT = FEWEST + 3
DTYPES = st.sampled_from([np.float16, np.float32, np.float64])


def layout(dtype: Any, count: int = COUNT) -> Layout:
    return Layout([Box(-1.0, 1.0, (), dtype) for _ in range(count)])


def one_by_one(layout: Layout, values: list[Any]) -> bytes | str:
    """Pack field by field, or say why not."""
    try:
        return b"".join(field.encode(value) for field, value in zip(layout.fields, values, strict=True))
    except OutOfSpaceError as error:
        return error.message


def at_once(layout: Layout, values: list[Any]) -> bytes | str:
    try:
        return layout.pack(values).data
    except OutOfSpaceError as error:
        return error.message


@st.composite
def anything(draw: st.DrawFn) -> Any:
    number = draw(st.one_of(st.floats(), st.integers(-(2**70), 2**70), st.booleans()))
    form = draw(st.sampled_from(["plain", "plain", "scalar", "array", "one", "text"]))
    if form == "text":
        return "0.5"
    if form == "plain" or abs(number) > 100 or number != number:
        return number
    dtype = draw(st.sampled_from([np.float16, np.float32, np.float64, np.int8, np.bool_]))
    with np.errstate(all="ignore"):
        made = dtype(number)
    return made if form == "scalar" else np.array(made) if form == "array" else np.array([made])


@given(
    dtype=DTYPES,
    given_values=st.one_of(
        st.lists(anything(), min_size=COUNT, max_size=COUNT), anything().map(lambda value: [value] * COUNT)
    ),
)
def test_whatever_is_given_it_makes_no_difference(dtype: Any, given_values: list[Any]) -> None:
    chosen = layout(dtype)
    assert at_once(chosen, given_values) == one_by_one(chosen, given_values)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_scalars_and_arrays_of_the_type_are_packed_at_once(dtype: Any) -> None:
    scalars = Scalars.of(layout(dtype).fields)
    assert scalars is not None
    packed = [scalars.pack([make(0.5)] * COUNT) for make in (float, dtype, lambda value: np.array(value, dtype))]
    assert packed == [layout(dtype).pack([0.5] * COUNT).data] * 3
    assert [float(value) for value in layout(dtype).unpack(layout(dtype).pack([0.25] * COUNT))] == [0.25] * COUNT  # type: ignore[arg-type]


def test_absent_values_stay_absent() -> None:
    values = [0.5] * (COUNT - 1) + [None]
    assert layout(np.float32).unpack(layout(np.float32).pack(values))[-1] is None


def test_few_fields_and_fields_of_several_kinds_are_packed_one_by_one() -> None:
    assert Scalars.of(layout(np.float32, FEWEST - 1).fields) is None
    assert Scalars.of(Layout([*(Box(0, 1, (), np.float32) for _ in range(COUNT)), Discrete(2)]).fields) is None
    assert Scalars.of(Layout([Box(0, 1, (2,), np.float32) for _ in range(COUNT)]).fields) is None
    assert Scalars.of(Layout([Box(0, 1, (), np.int8) for _ in range(COUNT)]).fields) is None
    assert Scalars.of(Layout([Discrete(2) for _ in range(COUNT)]).fields) is None
