"""Gather and Scatter give what packing the single values anew would give."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.routing import Gather, Scatter
from sparring.types.space import Box, Discrete, Space, Text
from sparring.types.values import Values
from tests.unit.types.strategies import chances, spaces, value_of

relaxed = settings(deadline=None)
parts = st.lists(st.lists(spaces, max_size=4), max_size=3)


def draw_rows(layout: Layout, chance: random.Random, share: float) -> list[list[Any]]:
    """Return, per field and lane, a value or None."""
    return [
        [value_of(space, chance) if chance.random() < share else None for _ in range(layout.lanes)]
        for space in layout.spaces
    ]


def pack(layout: Layout, rows: list[list[Any]]) -> Values:
    return layout.pack([row[0] if layout.lanes == 1 else row for row in rows])


@relaxed
@given(parts, st.integers(1, 3), st.sampled_from([1.0, 0.7]), chances)
def test_gather_is_packing_the_picked_values(
    declared: list[list[Space[Any]]], lanes: int, share: float, chance: random.Random
) -> None:
    layouts = [Layout(part, lanes) for part in declared]
    rows = [draw_rows(layout, chance, share) for layout in layouts]
    every = [(number, field) for number, part in enumerate(declared) for field in range(len(part))]
    picks = [pick for pick in every if chance.random() < 0.8]
    if chance.random() < 0.5:
        chance.shuffle(picks)
    gather = Gather(layouts, picks)
    assert gather.layout.lanes == (lanes if layouts else 1)
    gathered = gather.gather([pack(layout, part) for layout, part in zip(layouts, rows, strict=True)])
    assert gathered == pack(gather.layout, [rows[number][field] for number, field in picks])


@relaxed
@given(parts, st.integers(1, 3), st.sampled_from([1.0, 0.7]), chances)
def test_scatter_is_packing_what_the_acting_agents_set(
    declared: list[list[Space[Any]]], lanes: int, share: float, chance: random.Random
) -> None:
    layouts = [Layout(part, lanes) for part in declared]
    every = [(number, field) for number, part in enumerate(declared) for field in range(len(part))]
    chance.shuffle(every)
    targets = [(pick, declared[pick[0]][pick[1]]) for pick in every if chance.random() < 0.8]
    free = value_of(Discrete(3), chance)
    target = Layout([*(space for _, space in targets), *([Discrete(3)] * int(free))], lanes)
    scatter = Scatter(target, layouts, [(field, *pick) for field, (pick, _) in enumerate(targets)])
    for _ in range(3):
        rows = [draw_rows(layout, chance, share) for layout in layouts]
        acts = [chance.random() < 0.7 for _ in layouts]
        expected = [rows[pick[0]][pick[1]] if acts[pick[0]] else [None] * lanes for pick, _ in targets]
        expected += [[None] * lanes for _ in range(int(free))]
        values = [pack(layout, part) if act else None for layout, part, act in zip(layouts, rows, acts, strict=True)]
        assert scatter.scatter(values) == pack(target, expected)


def test_one_whole_source_is_handed_on_untouched() -> None:
    layout = Layout([Discrete(3), Box(0, 1, (2,)), Text(3)])
    values = layout.pack([1, None, "a"])
    assert Gather([layout], [(0, 0), (0, 1), (0, 2)]).gather([values]) is values
    assert Scatter(layout, [layout], [(0, 0, 0), (1, 0, 1), (2, 0, 2)]).scatter([values]) is values
    assert Gather([layout], [(0, 0), (0, 2), (0, 1)]).gather([values]) is not values


def test_a_sensor_may_be_read_twice() -> None:
    layout = Layout([Discrete(3), Discrete(4)])
    gather = Gather([layout], [(0, 1), (0, 1), (0, 0)])
    assert gather.layout.unpack(gather.gather([layout.pack([1, 2])])) == [2, 2, 1]


def test_in_turns_the_one_that_acted_sets_the_actuator() -> None:
    target, agent = Layout([Discrete(5)]), Layout([Discrete(5)])
    scatter = Scatter(target, [agent, agent], [(0, 0, 0), (0, 1, 0)])
    one, two = agent.pack([1]), agent.pack([2])
    assert target.unpack(scatter.scatter([one, None])) == [1]
    assert target.unpack(scatter.scatter([None, two])) == [2]
    assert target.unpack(scatter.scatter([one, two])) == [2]
    assert scatter.scatter([None, None]) == target.absent


def test_many_patterns_of_acting_agents_are_all_right() -> None:
    count = 10
    target, agent = Layout([Discrete(2)] * count), Layout([Discrete(2)])
    scatter = Scatter(target, [agent] * count, [(number, number, 0) for number in range(count)])
    one = agent.pack([1])
    for pattern in range(2**count):
        acts = [bool(pattern >> number & 1) for number in range(count)]
        found = target.unpack(scatter.scatter([one if act else None for act in acts]))
        assert found == [1 if act else None for act in acts]


@pytest.mark.parametrize(
    "make",
    [
        lambda one: Gather([one], [(1, 0)]),
        lambda one: Gather([one], [(0, 1)]),
        lambda one: Gather([one, Layout([Discrete(3)], 2)], [(0, 0)]),
        lambda one: Scatter(one, [one], [(1, 0, 0)]),
        lambda one: Scatter(one, [one], [(0, 1, 0)]),
        lambda one: Scatter(one, [one], [(0, 0, 1)]),
        lambda one: Scatter(one, [Layout([Discrete(4)])], [(0, 0, 0)]),
        lambda one: Scatter(one, [Layout([Discrete(3)], 2)], [(0, 0, 0)]),
        lambda one: Scatter(one, [one], [(0, 0, 0)]).scatter([]),
    ],
)
def test_a_route_that_cannot_be_is_refused(make: Any) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        make(Layout([Discrete(3)]))
    assert caught.value.reason == "ROUTE_INVALID"
