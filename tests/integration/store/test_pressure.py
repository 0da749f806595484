"""A store under pressure: a full disk, a slow one, a database held by another process. Runs wait, nothing is lost."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from sparring.api.store.v1 import run_pb2
from sparring.client.record_session import StreamRecord, open_record
from sparring.rpc.retry import Backoff
from sparring.store.places import DATABASE
from sparring.store.refusals import store_busy
from sparring.store.segments import segment as segments
from sparring.store.sql import connection as connections
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.errors import LostError, UnavailableError
from sparring.types.frames import Origin
from sparring.types.learning import Learning
from sparring.types.mode import Mode
from sparring.types.plan import Grant, RolloutPlan
from tests.integration.store.served import ServedStore, serving
from tests.support.eventually import eventually
from tests.unit.store.builders import DECLARED, PLANT, play

AWAY = Backoff(attempts=3, first_s=0.01, most_s=0.02, budget_s=2.0)
PATIENT = Backoff(attempts=10_000, first_s=0.02, most_s=0.1, budget_s=60.0)
IMPATIENT = Backoff(attempts=4, first_s=0.01, most_s=0.02, budget_s=5.0)
WITHIN_S = 20.0
SYNC_S = 0.3
DUMMY = Component("dummy", {})


@dataclass(frozen=True)
class Environment:
    """What a rollout worker says of an environment."""

    uid: str = PLANT.uid
    sensors: tuple[Declaration, ...] = PLANT.sensors
    actuators: tuple[Declaration, ...] = PLANT.actuators
    rewards: tuple[Declaration, ...] = PLANT.rewards
    component: Component = DUMMY
    static_world_model: FreeValue | None = None


@dataclass(frozen=True)
class Agent:
    """What a rollout worker says of an agent."""

    name: str = DECLARED.agents[0]
    sensors: tuple[str, ...] = ()
    actuators: tuple[str, ...] = ()


class Disk:
    """Stands in for `os.pwrite`: while it is full it takes nothing, and counts how often it was asked."""

    def __init__(self) -> None:
        self.full = False
        self.refused = 0
        self._write = os.pwrite

    def __call__(self, file: int, data: bytes, offset: int) -> int:
        if self.full:
            self.refused += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(file, data, offset)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk of the store."""
    disk = Disk()
    monkeypatch.setattr(os, "pwrite", disk)
    return disk


def opened(
    store: ServedStore, run: run_pb2.Run, rollout: int = 0, away: Backoff = AWAY, full: Backoff = PATIENT
) -> StreamRecord:
    """Open the record of a rollout worker; blocks."""
    origin, dynamics = Origin(run.run, 0, rollout), Component("vanilla", {})
    grant = Grant("57" * 16, "store-1", "store", store.address)
    plan = RolloutPlan(origin, "warm-up", Mode.TRAIN, dynamics, (), (), 7, grant, Learning.EPISODE, epoch=run.epoch)
    return open_record(plan, [Environment()], [Agent()], reconnecting=away, full=full)


def write(record: StreamRecord, *episodes: int, rollout: int = 0) -> None:
    """Play episodes; blocks while too much waits to be sent."""
    for episode in episodes:
        played = play(episode, 20, rollout=rollout)
        record.begin(episode, {"plant": 3})
        for batch in played.batches:
            record.write(batch)
        record.commit(played.summary, played.rows)


def durable(record: StreamRecord, count: int) -> list[int]:
    """Wait until so many episodes are durable; blocks."""
    record.flush()
    found: list[int] = []
    while len(found) < count:
        taken = record.take_committed(WITHIN_S)
        assert taken, found
        found += [one.key.episode for one in taken]
    return found


async def assert_kept(store: ServedStore, run: run_pb2.Run, episodes: int) -> None:
    """Prove that the run has so many episodes, each with the digest that its rollout worker made."""
    differences, verified = await store.verify(run.run)
    assert (differences, verified.episodes, verified.equal) == ([], episodes, True)


async def test_a_rollout_worker_waits_for_room_longer_than_for_a_store_that_is_away(
    store: ServedStore, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    run = await store.owned()
    record = await asyncio.to_thread(opened, store, run)
    await asyncio.to_thread(write, record, 0)
    assert await asyncio.to_thread(durable, record, 1) == [0]
    disk.full = True
    await asyncio.to_thread(write, record, 1, 2)
    waiting = asyncio.create_task(asyncio.to_thread(durable, record, 2))
    await eventually(lambda: disk.refused > 2 * AWAY.attempts)
    assert not waiting.done()
    assert record.refusal == "STORE_FULL"
    assert "The store has no room left" in caplog.text
    disk.full = False
    assert sorted(await waiting) == [1, 2]
    assert record.refusal == ""
    assert "The store has room again" in caplog.text
    await asyncio.to_thread(record.close)
    await assert_kept(store, run, 3)


async def test_time_without_room_does_not_make_a_store_a_silent_one(store: ServedStore, disk: Disk) -> None:
    run = await store.owned()
    record = await asyncio.to_thread(opened, store, run)
    disk.full = True
    await asyncio.to_thread(write, record, 0)
    record.flush()
    await eventually(lambda: disk.refused > 1)
    waiting = asyncio.create_task(asyncio.to_thread(record.take_committed, 0.001))
    before = disk.refused
    await eventually(lambda: disk.refused > before + 2)
    assert not waiting.done()
    disk.full = False
    assert [one.key.episode for one in await waiting] == [0]
    await asyncio.to_thread(record.close)


async def test_the_wait_for_room_has_an_end(store: ServedStore, disk: Disk) -> None:
    run = await store.owned()
    record = await asyncio.to_thread(opened, store, run, full=IMPATIENT)
    disk.full = True
    await asyncio.to_thread(write, record, 0)
    with pytest.raises(LostError) as caught:
        await asyncio.to_thread(durable, record, 1)
    assert caught.value.reason == "STORE_FULL"
    assert caught.value.metadata["component"] == "the store"
    await asyncio.to_thread(record.close)


async def test_a_slow_disk_makes_everybody_slow_and_drops_nothing(
    store: ServedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[float] = []
    sync = segments._sync_data

    def slow(file: int) -> None:
        time.sleep(SYNC_S)  # the disk's, not the test's
        syncs.append(SYNC_S)
        sync(file)

    monkeypatch.setattr(segments, "_sync_data", slow)
    run = await store.owned()
    episodes = range(6)

    def whole(rollout: int) -> list[int]:
        record = opened(store, run, rollout)
        write(record, *episodes, rollout=rollout)
        found = durable(record, len(episodes))
        record.close()
        return found

    for found in await asyncio.gather(*(asyncio.to_thread(whole, rollout) for rollout in range(2))):
        assert sorted(found) == list(episodes)
    assert 2 <= len(syncs) < 2 * len(episodes), "what comes while the disk is busy is made durable together"
    await assert_kept(store, run, 2 * len(episodes))


async def test_a_database_that_another_process_holds_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_PRAGMAS", (*connections._PRAGMAS, "PRAGMA busy_timeout = 50"))
    told: list[str] = []

    def counting(what: str) -> UnavailableError:
        told.append(what)
        return store_busy(what)

    monkeypatch.setattr(connections, "store_busy", counting)
    async with serving(tmp_path) as store:
        run = await store.owned()
        record = await asyncio.to_thread(opened, store, run, away=PATIENT)
        holder = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        await asyncio.to_thread(write, record, 0, 1)
        waiting = asyncio.create_task(asyncio.to_thread(durable, record, 2))
        await eventually(lambda: len(told) > 3)
        assert not waiting.done()
        holder.execute("COMMIT")
        holder.close()
        assert sorted(await waiting) == [0, 1]
        await asyncio.to_thread(record.close)
        await assert_kept(store, run, 2)
    assert "locked" in told[0]
