"""Verifying a run: whatever was changed on the disk is found, and the episode is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparring.api.space.v1 import episode_pb2
from sparring.store.phases import RecordingKey
from sparring.store.segments.frames import HEAD, MAGIC, encode_frame
from sparring.types.digest import run_digest
from sparring.types.mode import Mode
from tests.integration.store.served import TRAIN, ServedStore
from tests.unit.store.builders import play

EPISODES = [play(0), play(1, 6, late_at=2), play(2, mark=3)]
KEY = RecordingKey("dummy-1", 0, Mode.TRAIN, 0)


async def recorded(store: ServedStore, *, sealed: bool) -> Path:
    """Record three episodes; returns the file that holds them."""
    run = await store.owned()
    await store.record(run, *EPISODES)
    if not sealed:
        return store.places.segment(KEY)
    await store.seal(run, *EPISODES)
    await store.finish(run)
    return store.places.parquet(KEY)


def change_segment(path: Path, episode: int, find: bytes, offset: int) -> None:
    """Flip a bit behind the first occurrence of some bytes in an episode, and mend the checksum of its frame."""
    data = bytearray(path.read_bytes())
    at = len(MAGIC)
    while at < len(data):
        length, _, kind, owner = HEAD.unpack_from(data, at)
        start = at + HEAD.size
        place = data.find(find, start, start + length)
        if kind == 2 and owner == episode and place >= 0:
            data[place + offset] ^= 1
            head, _ = encode_frame(kind, owner, bytes(data[start : start + length]))
            data[at : at + HEAD.size] = head
            path.write_bytes(data)
            return
        at = start + length
    raise AssertionError("not found")


def change_parquet(path: Path, column: str, change: Callable[[np.ndarray], None], episode: int) -> None:
    """Change the last value of one column in one episode."""
    table = pq.read_table(path)
    values = table.column(column).to_numpy().copy()
    rows = np.flatnonzero(table.column("episode").to_numpy() == episode)
    part = values[rows[-1:]]
    change(part)
    values[rows[-1:]] = part
    place = table.column_names.index(column)
    field = table.schema.field(column)
    pq.write_table(table.set_column(place, field, pa.array(values, field.type, from_pandas=True)), path)


async def test_a_run_that_nobody_touched_verifies(store: ServedStore) -> None:
    await recorded(store, sealed=True)
    differences, verified = await store.verify("dummy-1")
    expected = run_digest((each.summary.key, each.summary.digest) for each in EPISODES)
    assert differences == []
    assert (verified.episodes, verified.steps, verified.equal) == (3, 14, True)
    assert verified.digest == expected == (await store.get("dummy-1")).digest
    assert verified.evaluation_digest == b""


def one_up(values: np.ndarray) -> None:
    values += 1


def flip(values: np.ndarray) -> None:
    values[:] = ~values.astype(bool)


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("sensor.plant.level", one_up),
        ("actuator.plant.valve", one_up),
        ("reward.plant.profit", lambda values: np.copyto(values, -values)),
        ("terminated.plant", flip),
        ("truncated.plant", flip),
        ("updated.plant", flip),
        ("ticks.plant", one_up),
    ],
)
async def test_every_changed_value_of_a_sealed_phase_is_found(
    store: ServedStore, column: str, change: Callable[[np.ndarray], None]
) -> None:
    path = await recorded(store, sealed=True)
    change_parquet(path, column, change, episode=1)
    [difference], verified = await store.verify("dummy-1")
    assert difference.episode == episode_pb2.EpisodeKey(phase=0, mode=TRAIN, rollout=0, episode=1)
    assert difference.phase_name == "warm-up"
    assert difference.expected == EPISODES[1].summary.digest
    assert difference.found not in (b"", difference.expected)
    assert "Phase 0 (warm-up), train, rollout 0, episode 1" in difference.message
    assert not verified.equal
    assert verified.digest != (await store.get("dummy-1")).digest


@pytest.mark.parametrize("offset", [0, 24, 40, 56, 72])
async def test_every_changed_value_of_a_phase_that_goes_on_is_found(store: ServedStore, offset: int) -> None:
    path = await recorded(store, sealed=False)
    level = (4 + 3).to_bytes(8, "little")  # of the last step of the third episode
    change_segment(path, 2, level, offset)
    [difference], verified = await store.verify("dummy-1")
    assert difference.episode.episode == 2
    assert difference.found != difference.expected
    assert not verified.equal


async def test_a_damaged_frame_is_found_and_says_nothing_of_others(store: ServedStore) -> None:
    path = await recorded(store, sealed=False)
    data = bytearray(path.read_bytes())
    data[40] ^= 1  # within the first episode
    path.write_bytes(data)
    [difference], verified = await store.verify("dummy-1")
    assert difference.episode.episode == 0
    assert difference.found == b""
    assert "checksum" in difference.message
    assert (verified.episodes, verified.equal) == (3, False)


@pytest.mark.parametrize("sealed", [True, False])
async def test_a_file_that_is_gone_leaves_every_episode_of_it_unreadable(store: ServedStore, sealed: bool) -> None:
    path = await recorded(store, sealed=sealed)
    path.unlink()
    differences, verified = await store.verify("dummy-1")
    assert [each.episode.episode for each in differences] == [0, 1, 2]
    assert {each.found for each in differences} == {b""}
    assert not verified.equal


async def test_flipped_bytes_in_a_parquet_file_are_found(store: ServedStore) -> None:
    path = await recorded(store, sealed=True)
    data = bytearray(path.read_bytes())
    for place in range(4, 2000):
        data[place] ^= 0x55
    path.write_bytes(data)
    differences, verified = await store.verify("dummy-1")
    assert differences
    assert not verified.equal


async def test_a_changed_row_of_the_database_is_found(store: ServedStore) -> None:
    await recorded(store, sealed=True)
    with sqlite3.connect(store.directory / "store.sqlite") as opened:
        opened.execute("UPDATE episodes SET terminated = 0 WHERE episode = 2")
    opened.close()
    [difference], verified = await store.verify("dummy-1")
    assert difference.episode.episode == 2
    assert "terminated" in difference.message
    assert not verified.equal


async def test_a_changed_digest_of_the_run_is_found(store: ServedStore) -> None:
    await recorded(store, sealed=True)
    with sqlite3.connect(store.directory / "store.sqlite") as opened:
        opened.execute("UPDATE runs SET digest = zeroblob(32)")
    opened.close()
    differences, verified = await store.verify("dummy-1")
    assert differences == []
    assert not verified.equal
