"""Rows of a record: their form to the byte, and columns that read and write the same bytes."""

import struct

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, Text
from hypothesis import given, settings
from hypothesis import strategies as st

from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.record import EnvironmentDeclarations, EnvironmentLayouts, RowLayout
from sparring.types.values import Values

PLANT = EnvironmentDeclarations(
    "plant",
    sensors=(Declaration("level", Discrete(10)), Declaration("pressure", Box(0.0, 1.0, (3,), np.float32))),
    actuators=(Declaration("valve", Discrete(2)),),
    rewards=(Declaration("profit", Box(-1.0, 1.0, (), np.float64)),),
)


def test_a_row_is_what_the_contract_says_to_the_byte() -> None:
    layout = RowLayout.of([PLANT])
    readings = layout.environments[0].layouts.sensors.pack([7, np.array([0.5, 0.25, 1.0], np.float32)])
    setpoints = layout.environments[0].layouts.actuators.pack([1])
    rewards = layout.environments[0].layouts.rewards.pack([np.float64(-0.5)])

    row = layout.environments[0].encode(readings, setpoints, rewards, 12, None, True, False, True)

    assert row == (
        struct.pack("<q", 7)
        + struct.pack("<3f4x", 0.5, 0.25, 1.0)
        + b"\x03".ljust(8, b"\0")
        + struct.pack("<q", 1)
        + b"\x01".ljust(8, b"\0")
        + struct.pack("<d", -0.5)
        + b"\x01".ljust(8, b"\0")
        + struct.pack("<qq", 12, 0)
        + bytes([1, 0, 1, 1, 0, 0, 0, 0])
    )
    assert layout.size == len(row)


def test_row_zero_has_neither_setpoints_nor_rewards() -> None:
    layout = RowLayout.of([PLANT])
    readings = layout.environments[0].layouts.sensors.absent

    row = layout.environment_row(0, readings, timestamp_ns=5)

    assert row == bytes(24 + 8 + 16 + 16 + 8) + struct.pack("<q", 5) + bytes([0, 0, 0, 0, 1, 0, 0, 0])


def test_a_partial_presence_is_written_in_full() -> None:
    layout = RowLayout([EnvironmentLayouts(Layout([Discrete(2)] * 70), Layout([]), Layout([]))])
    values = Layout([Discrete(2)] * 70).pack([1, *([None] * 68), 1])

    [columns] = layout.columns(layout.environment_row(0, values))

    assert columns.parts[0].present_bits.tolist() == [[1, 0, 0, 0, 0, 0, 0, 0, 32, *([0] * 7)]]
    assert columns.parts[0].present()[0].tolist() == [True, *([False] * 68), True]


def test_environments_stand_in_document_order() -> None:
    layout = RowLayout.of([PLANT, PLANT])
    first = layout.environment_row(0, Values(bytes(24)), ticks=1)
    second = layout.environment_row(1, Values(bytes(24)), ticks=2)

    columns = layout.columns(layout.row([first, second]) * 3)

    assert [environment.ticks.tolist() for environment in columns] == [[1, 1, 1], [2, 2, 2]]


def test_late_rewards_are_appended_to_those_of_their_environment() -> None:
    before = RowLayout.of([PLANT, PLANT])

    after = before.with_rewards(1, [Declaration("bonus", Discrete(3))])

    assert after.size == before.size + 8  # the value; presence has room for it
    assert len(after.environments[1].layouts.rewards.fields) == 2
    assert len(after.environments[0].layouts.rewards.fields) == 1


def test_texts_of_a_row_come_part_by_part_with_nothing_for_what_is_absent() -> None:
    environment = EnvironmentDeclarations(
        "talk",
        (Declaration("heard", Text(5)),),
        (Declaration("say", Text(5)), Declaration("shout", Text(5))),
        (Declaration("note", Text(5)),),
    )
    [row] = RowLayout.of([environment]).environments

    assert row.texts(Values(b"", b"", ("hm",)), None, Values(b"", b"", ("ok",))) == ("hm", "", "", "ok")
    assert row.text_count == 4


@pytest.mark.parametrize("size", [0, 16, 32])
def test_values_of_another_size_are_refused(size: int) -> None:
    layout = RowLayout.of([PLANT])
    with pytest.raises(InvalidArgumentError) as caught:
        layout.environment_row(0, Values(bytes(size)))
    assert caught.value.reason == "PACKED_INVALID"
    assert caught.value.metadata == {"part": "readings"}


def test_half_a_row_is_refused() -> None:
    layout = RowLayout.of([PLANT])
    with pytest.raises(InvalidArgumentError) as caught:
        layout.columns(bytes(layout.size - 1))
    assert caught.value.reason == "PACKED_INVALID"


def test_rows_are_one_lane_wide() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        RowLayout([EnvironmentLayouts(Layout([Discrete(2)], lanes=2), Layout([]), Layout([]))])
    assert caught.value.reason == "LANES_INVALID"


LEAVES = st.sampled_from(
    [
        Discrete(5, start=-2),
        Box(-1.0, 1.0, (2, 3), np.float32),
        Box(0, 255, (5,), np.uint8),
        Box(-1.0, 1.0, (), np.float64),
        MultiBinary(3),
        Dict({"b": Discrete(3), "a": Box(0.0, 1.0, (1,), np.float16), "t": Text(4)}),
        Box(0, 1, (0,), np.int32),
    ]
)


@st.composite
def records(draw: st.DrawFn) -> tuple[RowLayout, bytes]:
    kinds = [draw(st.lists(LEAVES, max_size=4)) for _ in range(3)]
    layout = RowLayout([EnvironmentLayouts(*map(Layout, kinds))])
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        parts: list[Values] = []
        for spaces in kinds:
            for space in spaces:
                space.seed(draw(st.integers(0, 1000)))
            parts.append(Layout(spaces).pack([space.sample() if draw(st.booleans()) else None for space in spaces]))
        rows.append(layout.environment_row(0, *parts, ticks=draw(st.none() | st.integers(-5, 5)), updated=True))
    return layout, b"".join(rows)


@settings(deadline=None)
@given(records())
def test_rows_can_be_rebuilt_from_their_columns(record: tuple[RowLayout, bytes]) -> None:
    layout, rows = record
    [source] = layout.columns(rows)
    copy = bytearray(len(rows))
    [target] = layout.columns(copy)

    for read, write in zip(source.parts, target.parts, strict=True):
        for here, there in zip(read.arrays, write.arrays, strict=True):
            there[...] = here
        write.set_present(read.present())
    for name in ("ticks", "timestamps_ns", "terminated", "truncated", "updated", "has_ticks", "has_timestamp"):
        getattr(target, name)[...] = getattr(source, name)

    assert bytes(copy) == rows
