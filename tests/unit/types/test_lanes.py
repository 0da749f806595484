"""Lanes taken apart and put together are the same bits as values of one lane."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sparring.types.lanes import LaneWeaver
from sparring.types.layout import Layout
from sparring.types.space import Box, Dict, Discrete, MultiBinary, Text, Tuple
from sparring.types.values import Values

SPACES = [
    Box(-1, 1, (3,), np.float32),
    Discrete(7, start=-3),
    Text(5, min_length=0),
    Dict({"t": Text(3, min_length=0), "b": MultiBinary([2, 2])}),
    Tuple([Box(0, 255, (), np.uint8), Discrete(2)]),
    Box(-1, 1, (0,), np.float64),
]


@st.composite
def lanes_of_values(draw: st.DrawFn) -> tuple[list[Any], list[Values | None]]:
    spaces = draw(st.lists(st.sampled_from(SPACES), max_size=4))
    layout = Layout(spaces)
    lanes: list[Values | None] = []
    for lane in range(draw(st.integers(1, 5))):
        for number, space in enumerate(spaces):
            space.seed(lane * 10 + number)
        present = draw(st.none() | st.lists(st.booleans(), min_size=len(spaces), max_size=len(spaces)))
        if present is None:
            lanes.append(None)
        else:
            values = [space.sample() if there else None for space, there in zip(spaces, present, strict=True)]
            lanes.append(layout.pack(values))
    return spaces, lanes


@given(lanes_of_values())
def test_joined_lanes_are_split_into_what_they_were(given_: tuple[list[Any], list[Values | None]]) -> None:
    spaces, lanes = given_
    weaver = LaneWeaver(spaces, len(lanes))
    absent = weaver.one.absent
    joined = weaver.join(lanes)
    assert weaver.split(joined) == [absent if lane is None else lane for lane in lanes]
    assert [weaver.part(joined, number) for number in range(len(lanes))] == weaver.split(joined)


@given(lanes_of_values())
def test_joined_lanes_are_what_the_layout_packs(given_: tuple[list[Any], list[Values | None]]) -> None:
    spaces, lanes = given_
    weaver = LaneWeaver(spaces, len(lanes))
    unpacked = [[None] * len(spaces) if lane is None else weaver.one.unpack(lane) for lane in lanes]
    if len(lanes) == 1:
        packed = weaver.all.pack(unpacked[0])
    else:
        packed = weaver.all.pack([[lane[field] for lane in unpacked] for field in range(len(spaces))])
    assert weaver.join(lanes) == packed
