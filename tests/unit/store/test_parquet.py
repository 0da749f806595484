"""Parquet files keep every bit that a digest covers, and have columns that people understand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparring.store.declared import Declared
from sparring.store.episodes import LateRewards
from sparring.store.parquet.columns import RecordColumns
from sparring.store.parquet.files import read_parquet, write_parquet
from sparring.store.steps import Piece
from sparring.types.declaration import Declaration, FreeValue
from sparring.types.episode import AgentRows, StepRows
from sparring.types.errors import FailedPreconditionError
from sparring.types.record import EnvironmentDeclarations
from sparring.types.values import Values
from tests.unit.store.builders import DECLARED, PLANT, Played, play


def pieces(*episodes: Played) -> list[Piece]:
    return [
        Piece(batch, tuple(each for each in played.late if each.row <= batch.first_step))
        for played in episodes
        for batch in played.batches
    ]


def rows_of(found: Sequence[Piece]) -> dict[int, tuple[bytes, tuple[str, ...]]]:
    """Return all rows and texts by episode, checking that none is missing in between."""
    joined: dict[int, tuple[bytes, tuple[str, ...]]] = {}
    count: dict[int, int] = {}
    for piece in found:
        steps = piece.steps
        assert steps.first_step == count.get(steps.episode, 0)
        count[steps.episode] = steps.first_step + steps.steps
        before = joined.get(steps.episode, (b"", ()))
        joined[steps.episode] = (before[0] + steps.rows, before[1] + steps.texts)
    return joined


def written(path: Path, declared: Declared, given: Sequence[Piece]) -> list[Piece]:
    """Write pieces and read them back."""
    late = {piece.steps.episode: piece.late for piece in given if piece.late}
    columns = RecordColumns(declared, [each for rewards in late.values() for each in rewards])
    write_parquet(path, columns, given)
    return list(read_parquet(path, columns, late))


def test_rows_come_back_bit_for_bit(tmp_path: Path) -> None:
    given = pieces(play(0), play(1, 9), play(5, 1))
    assert rows_of(written(tmp_path / "a.parquet", DECLARED, given)) == rows_of(given)


def test_rows_with_and_without_late_rewards_come_back(tmp_path: Path) -> None:
    given = pieces(play(0), play(1, 6, late_at=2), play(2), play(3, 6, late_at=1), play(4, late_at=0))
    assert rows_of(written(tmp_path / "a.parquet", DECLARED, given)) == rows_of(given)


def test_small_row_groups_change_nothing(tmp_path: Path) -> None:
    given = pieces(*(play(number, 9, late_at=number % 3 + 1) for number in range(10)))
    late = {piece.steps.episode: piece.late for piece in given if piece.late}
    columns = RecordColumns(DECLARED, [each for rewards in late.values() for each in rewards])
    path = tmp_path / "a.parquet"
    write_parquet(path, columns, given, group_bytes=500)
    assert pq.ParquetFile(path).num_row_groups > 5
    assert rows_of(list(read_parquet(path, columns, late))) == rows_of(given)


def test_columns_are_named_after_environments_uids_and_agents(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    written(path, DECLARED, pieces(play(3, 2, late_at=1)))
    table = pq.read_table(path)
    assert table.column_names == [
        "episode",
        "step",
        "sensor.plant.level",
        "sensor.plant.power",
        "actuator.plant.valve",
        "reward.plant.profit",
        "reward.plant.bonus",
        "terminated.plant",
        "truncated.plant",
        "updated.plant",
        "ticks.plant",
        "timestamp.plant",
        "world_state.plant",
        "world_state_type.plant",
        "objective.operator",
        "acted.operator",
        "data.operator",
        "data_type.operator",
        "proposed.operator",
    ]
    rows = table.to_pylist()
    assert [row["sensor.plant.level"] for row in rows] == [0, 1, 2]
    assert [row["actuator.plant.valve"] for row in rows] == [None, 1, 2]
    assert [row["reward.plant.bonus"] for row in rows] == [None, 1, 2]
    assert [row["terminated.plant"] for row in rows] == [False, False, True]
    assert [row["updated.plant"] for row in rows] == [False, True, True]
    assert [row["ticks.plant"] for row in rows] == [0, 1, 2]
    assert [row["timestamp.plant"] for row in rows] == [None] * 3
    assert [row["objective.operator"] for row in rows] == [0.0, 0.5, 1.0]
    assert [row["acted.operator"] for row in rows] == [False, True, True]
    assert [(row["episode"], row["step"]) for row in rows] == [(3, 0), (3, 1), (3, 2)]


def test_columns_say_what_they_hold(tmp_path: Path) -> None:
    described = replace(PLANT, sensors=(Declaration("level", Discrete(10), "m", "Level of the tank."),))
    columns = RecordColumns(Declared([described], []), ())
    assert columns.schema.field("sensor.plant.level").metadata == {
        b"space": b"Discrete(10)",
        b"unit": b"m",
        b"description": b"Level of the tank.",
    }


def test_what_agents_and_environments_add_is_kept(tmp_path: Path) -> None:
    [piece] = pieces(play(0, 2))
    told = FreeValue("application/json", b'{"q": 1}')
    steps = replace(
        piece.steps,
        world_states=((1, 0, told),),
        agents=(AgentRows(0, (float("nan"), 2.0, 3.0), (None, told, None), (False, False, True)),),
    )
    path = tmp_path / "a.parquet"
    written(path, DECLARED, [replace(piece, steps=steps)])
    rows = pq.read_table(path).to_pylist()
    assert [row["world_state.plant"] for row in rows] == [None, told.data, None]
    assert [row["world_state_type.plant"] for row in rows] == [None, told.content_type, None]
    assert [row["objective.operator"] for row in rows] == [None, 2.0, 3.0]
    assert [row["acted.operator"] for row in rows] == [False, False, True]
    assert [row["data.operator"] for row in rows] == [None, told.data, None]


def test_names_that_would_be_the_same_are_told_apart() -> None:
    one = EnvironmentDeclarations(
        "a", (Declaration("b.c", Discrete(2)), Declaration("b", Dict({"c": Discrete(2)}))), (), ()
    )
    other = EnvironmentDeclarations("a.b", (Declaration("c", Discrete(2)),), (), ())
    columns = RecordColumns(Declared([one, other], []), ())
    assert [name for name in columns.schema.names if name.startswith("sensor")] == [
        "sensor.a.b.c",
        "sensor.a.b.c~2",
        "sensor.a.b.c~3",
    ]


def test_a_reward_that_is_declared_late_with_another_space_has_a_column_of_its_own() -> None:
    late = [LateRewards(1, 0, (Declaration("bonus", space),)) for space in (Discrete(5), Discrete(6), Discrete(5))]
    columns = RecordColumns(DECLARED, late)
    names = [name for name in columns.schema.names if "bonus" in name]
    assert names == ["reward.plant.bonus", "reward.plant.bonus~2"]


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    columns = RecordColumns(DECLARED, ())
    write_parquet(path, columns, pieces(play(0)))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FailedPreconditionError) as caught:
        list(read_parquet(path, columns, {}))
    assert caught.value.reason == "DATA_DAMAGED"


def test_nothing_unfinished_is_left_where_the_file_will_be(tmp_path: Path) -> None:
    def failing() -> Iterator[Piece]:
        yield from pieces(play(0))
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_parquet(tmp_path / "a.parquet", RecordColumns(DECLARED, ()), failing())
    assert not (tmp_path / "a.parquet").exists()


SPACES: list[Space[Any]] = [
    Discrete(3),
    Box(0, 1, (), np.float64),
    Box(0, 1, (1,), np.float32),
    Box(0, 1, (2, 2), np.float16),
    Box(0, 255, (3,), np.uint8),
    Box(0, 2**64 - 1, (), np.uint64),
    Box(0, 1, (2,), np.bool_),
    Box(0, 1, (0,), np.float32),
    MultiBinary(5),
    MultiDiscrete([3, 4]),
    Text(4, min_length=0),
    Tuple([]),
    Tuple([Text(2), Dict({"x": Discrete(2), "y": Box(0, 1, (3,), np.int16)})]),
]


@st.composite
def records(draw: st.DrawFn) -> tuple[Declared, list[Piece]]:
    """Rows of any bits: NaN of all kinds and negative zeros too, whatever the spaces say."""
    environments = [
        EnvironmentDeclarations(
            f"e{number}",
            *(
                tuple(
                    Declaration(f"u{place}", space)
                    for place, space in enumerate(draw(st.lists(st.sampled_from(SPACES), max_size=4)))
                )
                for _ in range(3)
            ),
        )
        for number in range(draw(st.integers(1, 2)))
    ]
    declared = Declared(environments, [])
    found = []
    for episode in range(draw(st.integers(1, 3))):
        count = draw(st.integers(1, 4))
        rows, texts = [], []
        for _ in range(count):
            parts = []
            for environment in declared.layout.environments:
                values = [draw(_values(layout)) for layout in environment.layouts]
                ticks = draw(st.none() | st.integers(-(2**63), 2**63 - 1))
                stamp = draw(st.none() | st.integers(-(2**63), 2**63 - 1))
                flags = [draw(st.booleans()) for _ in range(3)]
                parts.append(environment.encode(*values, ticks, stamp, *flags))
                texts += environment.texts(*values)
            rows.append(declared.layout.row(parts))
        found.append(Piece(StepRows(episode, 0, count, b"".join(rows), tuple(texts))))
    return declared, found


@st.composite
def _values(draw: st.DrawFn, layout: Any) -> Values:
    data = bytearray(layout.size)
    present = [draw(st.booleans()) for _ in layout.fields]
    texts = [""] * layout.text_count
    for packed in layout.leaves:
        if not present[packed.field]:
            continue
        if packed.text >= 0:
            texts[packed.text] = draw(st.text(max_size=3))
            continue
        size = packed.nbytes
        kinds = [st.binary(min_size=size, max_size=size)]
        if packed.leaf.dtype.kind == "f" and size:
            special = np.array([np.nan, -np.nan, np.inf, -0.0, 0.0], packed.leaf.dtype)
            kinds.append(st.sampled_from(special).map(lambda value, p=packed: np.full(p.leaf.count, value).tobytes()))
        data[packed.offset : packed.offset + size] = draw(st.one_of(kinds))
    bits = sum(1 << number for number, there in enumerate(present) if there)
    whole = bits == (1 << len(present)) - 1
    return Values(bytes(data), b"" if whole else bits.to_bytes((len(present) + 7) // 8, "little"), tuple(texts))


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(record=records())
def test_any_bits_of_any_spaces_come_back(record: tuple[Declared, list[Piece]], tmp_path: Path) -> None:
    declared, given_pieces = record
    assert rows_of(written(tmp_path / "a.parquet", declared, given_pieces)) == rows_of(given_pieces)
