"""The record of a rollout worker at a store that answers, waits, breaks off, refuses, or is away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from sparring.client.record_keeper import RecordKeeper
from sparring.client.record_session import StreamRecord, open_record
from sparring.rpc.retry import Backoff
from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.episode import AgentRows, EpisodeKey, EpisodeSummary, StepRows
from sparring.types.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    LostError,
    SparringError,
)
from sparring.types.frames import Origin
from sparring.types.learning import Learning
from sparring.types.mode import Mode
from sparring.types.plan import Grant, RolloutPlan
from sparring.types.space import Box
from tests.support.eventually import eventually_sync
from tests.unit.client.record_server import RecordServer

SOON_S = 10.0
QUICK = Backoff(attempts=100, first_s=0.02, most_s=0.1, budget_s=5.0)
DUMMY = Component("dummy", {"size": 3})
FIELD = Declaration("x", Box(-1.0, 1.0, (2,)))


@dataclass(frozen=True)
class Environment:
    uid: str = "grid"
    sensors: tuple[Declaration, ...] = (FIELD,)
    actuators: tuple[Declaration, ...] = (FIELD,)
    rewards: tuple[Declaration, ...] = ()
    component: Component = DUMMY
    static_world_model: FreeValue | None = None


@dataclass(frozen=True)
class Agent:
    name: str = "defender"
    sensors: tuple[str, ...] = ("grid.x",)
    actuators: tuple[str, ...] = ("grid.x",)


def plan(store: Grant) -> RolloutPlan:
    made = RolloutPlan(
        Origin("run-1", 1, 2), "train", Mode.TRAIN, Component("vanilla", {}), (), (), 1, store, Learning.EPISODE
    )
    return replace(made, epoch=7)


def record_at(server: RecordServer) -> StreamRecord:
    return open_record(plan(server.grant), [Environment()], [Agent()], reconnecting=QUICK)


def rows(episode: int, steps: int = 2, first: int = 0, size: int = 8) -> StepRows:
    return StepRows(episode, first, steps, b"".join(bytes([first + step]) * size for step in range(steps)))


def summary(episode: int, steps: int = 1) -> EpisodeSummary:
    key = EpisodeKey(1, Mode.TRAIN, 2, episode)
    return EpisodeSummary(key, steps, 1.5, {"defender": 0.5}, True, False, bytes(32), {"grid": 9})


def play(record: StreamRecord, episode: int) -> None:
    record.begin(episode, {"grid": 9})
    record.write(rows(episode))
    record.commit(summary(episode), 2)


def durable(record: StreamRecord, count: int) -> list[int]:
    """Take what becomes durable until these are so many."""
    found: list[int] = []
    while len(found) < count:
        taken = record.take_committed(SOON_S)
        assert taken, found
        found += [one.key.episode for one in taken]
    return found


@pytest.fixture
def server() -> Iterator[RecordServer]:
    with RecordServer() as server:
        yield server


@pytest.fixture
def record(server: RecordServer) -> Iterator[StreamRecord]:
    record = record_at(server)
    yield record
    record.close()


def test_opening_says_whose_record_it_is_and_what_was_declared(record: StreamRecord, server: RecordServer) -> None:
    (opened,) = server.opened
    assert (opened.run, opened.epoch, opened.phase, opened.phase_name, opened.rollout) == ("run-1", 7, 1, "train", 2)
    assert opened.environments[0].component.name == "dummy"
    assert opened.environments[0].sensors[0].uid == "x"
    assert list(opened.agents[0].sensors) == ["grid.x"]
    assert record.committed == frozenset()


def test_an_episode_becomes_durable_with_all_its_rows(record: StreamRecord, server: RecordServer) -> None:
    record.begin(0, {"grid": 9})
    record.write(rows(0))
    record.declare_rewards(0, 0, (FIELD,))
    record.write(rows(0, first=2))
    record.commit(summary(0, steps=3), 4)
    assert record.take_committed(SOON_S) == [summary(0, steps=3)]
    assert server.streams == [["open", "begin 0", "steps 0", "declare_rewards 0", "steps 0", "commit 0"]]
    assert server.durable[0][1] == rows(0, steps=4).rows


def test_without_waiting_nothing_may_have_become_durable(record: StreamRecord, server: RecordServer) -> None:
    server.waiting = True
    play(record, 0)
    assert record.take_committed(0) == []
    record.flush()
    assert durable(record, 1) == [0]


def test_episodes_committed_before_are_told_at_the_beginning(server: RecordServer) -> None:
    first = record_at(server)
    play(first, 4)
    durable(first, 1)
    first.close()
    second = record_at(server)
    assert second.committed == frozenset({4})
    second.close()


def test_what_is_not_durable_is_sent_again_after_the_stream_broke(record: StreamRecord, server: RecordServer) -> None:
    broken: list[str] = []
    server.breaks = lambda name: name == "commit 1" and not broken and not broken.append(name)  # type: ignore[func-returns-value]
    play(record, 0)
    assert durable(record, 1) == [0]
    play(record, 1)
    assert durable(record, 1) == [1]
    assert server.streams[1] == ["open", "begin 1", "steps 1", "commit 1"]
    assert server.durable[1][1] == rows(1).rows


def test_what_became_durable_unheard_is_told_by_the_next_opening(record: StreamRecord, server: RecordServer) -> None:
    server.waiting = True
    play(record, 0)
    assert eventually_sync(lambda: 0 in server.durable)
    server.breaks = lambda name: name == "begin 1"
    record.begin(1, {})
    assert durable(record, 1) == [0]
    server.breaks = lambda name: False
    record.write(rows(1))
    record.commit(summary(1), 2)
    record.flush()
    assert durable(record, 1) == [1]
    assert "commit 0" not in server.streams[1]


def test_a_store_that_comes_back_gets_everything(server: RecordServer) -> None:
    record = record_at(server)
    record.begin(0, {})
    record.write(rows(0))
    assert eventually_sync(lambda: "steps 0" in server.heard)
    server.stop()
    record.write(rows(0, first=2))
    record.commit(summary(0, steps=3), 4)
    record.flush()
    with RecordServer(f"127.0.0.1:{server.port}") as successor:
        assert durable(record, 1) == [0]
        record.close()
    assert successor.streams[0][:5] == ["open", "begin 0", "steps 0", "steps 0", "commit 0"]


def test_a_store_that_stays_away_is_lost_when_its_budget_is_used_up(server: RecordServer) -> None:
    quick = Backoff(attempts=3, first_s=0.01, most_s=0.02, budget_s=1.0)
    record = open_record(plan(server.grant), [Environment()], [Agent()], reconnecting=quick)
    server.stop()
    with pytest.raises(LostError):
        record.take_committed(SOON_S)
    with pytest.raises(LostError):
        record.begin(0, {})
    record.close()


def test_a_store_that_never_was_there_is_lost(server: RecordServer) -> None:
    server.stop()
    quick = Backoff(attempts=3, first_s=0.01, most_s=0.02, budget_s=1.0)
    with pytest.raises(LostError):
        open_record(plan(server.grant), [Environment()], [Agent()], reconnecting=quick)


def test_an_older_epoch_is_refused_once_and_for_all(server: RecordServer) -> None:
    server.refusal = FailedPreconditionError("EPOCH_STALE", "Epoch 7 is older than 8.")
    with pytest.raises(FailedPreconditionError) as caught:
        record_at(server)
    assert caught.value.reason == "EPOCH_STALE"
    assert len(server.streams) == 1


def test_an_epoch_that_becomes_stale_is_said_by_every_call(record: StreamRecord, server: RecordServer) -> None:
    server.refusal = FailedPreconditionError("EPOCH_STALE", "Epoch 7 is older than 8.")
    server.breaks = lambda name: name == "begin 0"
    record.begin(0, {})
    for call in (lambda: record.take_committed(SOON_S), lambda: record.begin(1, {}), lambda: record.drop(0)):
        with pytest.raises(FailedPreconditionError) as caught:
            call()
        assert caught.value.reason == "EPOCH_STALE"


def test_a_dropped_episode_is_not_sent_again(record: StreamRecord, server: RecordServer) -> None:
    record.begin(0, {})
    record.write(rows(0))
    assert eventually_sync(lambda: "steps 0" in server.heard)
    record.drop(0)
    assert eventually_sync(lambda: "drop 0" in server.heard)
    broken: list[str] = []
    server.breaks = lambda name: name == "begin 1" and not broken and not broken.append(name)  # type: ignore[func-returns-value]
    play(record, 1)
    assert durable(record, 1) == [1]
    assert server.streams[1] == ["open", "begin 1", "steps 1", "commit 1"]


def test_a_store_that_does_not_read_makes_its_callers_wait(server: RecordServer) -> None:
    server.reading.clear()
    record = record_at(server)
    written: list[int] = []

    def write() -> None:
        record.begin(0, {})
        for step in range(40):
            record.write(rows(0, steps=1, first=step, size=1 << 20))
            written.append(step)

    writer = threading.Thread(target=write)
    writer.start()
    assert eventually_sync(lambda: len(written) >= 8)
    assert writer.is_alive()
    server.reading.set()
    writer.join(SOON_S)
    record.commit(summary(0, steps=39), 40)
    assert durable(record, 1) == [0]
    assert len(server.durable[0][1]) == 40 << 20
    record.close()


def test_rows_that_are_many_travel_in_several_messages(record: StreamRecord, server: RecordServer) -> None:
    many = rows(0, steps=10, size=1 << 20)
    record.begin(0, {})
    record.write(replace(many, agents=(AgentRows(0, objectives=tuple(map(float, range(10)))),)))
    record.commit(summary(0, steps=9), 10)
    assert durable(record, 1) == [0]
    assert server.heard.count("steps 0") == 4
    assert server.durable[0][1] == many.rows


def test_a_row_that_no_message_can_hold_is_refused(record: StreamRecord) -> None:
    record.begin(0, {})
    with pytest.raises(InvalidArgumentError) as caught:
        record.write(rows(0, steps=1, size=65 << 20))
    assert caught.value.reason == "MESSAGE_TOO_LARGE"


def test_a_closed_record_says_so_and_closes_twice(record: StreamRecord, server: RecordServer) -> None:
    play(record, 0)
    record.close()
    record.close()
    assert 0 in server.durable
    with pytest.raises(FailedPreconditionError) as caught:
        record.begin(1, {})
    assert caught.value.reason == "SESSION_CLOSED"


def test_a_bug_of_ours_ends_the_record_instead_of_hanging_it() -> None:
    def explode(requests: Iterator[bytes]) -> Iterator[bytes]:
        raise RuntimeError("boom")

    keeper = RecordKeeper(explode, b"")
    with pytest.raises(SparringError) as caught:
        keeper.open()
    assert caught.value.reason == "RECORD_FAILED"
    keeper.close()
