"""Group commit: what is acknowledged is durable, what is refused is refused alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from sparring.store.commits import Commits, Outcome, PendingCommit
from sparring.store.episodes import CommittedEpisode, Place
from sparring.store.phases import RecordingKey
from sparring.store.ports import Tables
from sparring.store.refusals import store_busy, store_full
from sparring.store.runs import Status
from sparring.store.segments.frames import Kind
from sparring.store.segments.segment import Segment
from sparring.types.errors import SparringError, UnavailableError
from sparring.types.mode import Mode
from tests.unit.store.builders import RUN, committed, submission
from tests.unit.store.memory_database import MemoryDatabase

Result = TypeVar("Result")
RECORDING = RecordingKey(RUN, 0, Mode.TRAIN, 0)


class FailingDatabase(MemoryDatabase):
    """Refuses to write while it is told so."""

    refusal: SparringError | None = None

    def write(self, work: Callable[[Tables], Result]) -> Result:
        if self.refusal is not None:
            raise self.refusal
        return super().write(work)


@pytest.fixture
def database() -> FailingDatabase:
    made = FailingDatabase()

    def work(tables: Tables) -> None:
        run = tables.runs.insert("dummy", submission(), 1)
        tables.runs.save(run.claimed("gov", 1, 10), "", 2)
        tables.phases.begin(RUN, 0, Mode.TRAIN, "warm-up")

    made.write(work)
    return made


class Group:
    """Commits over a database, with everything that they tell."""

    def __init__(self, database: MemoryDatabase, wait_s: float = 60, most_bytes: int = 1 << 20) -> None:
        self.told: list[frozenset[str]] = []
        self.commits = Commits(database, self.told.append, wait_s, most_bytes)

    def add(self, episode: CommittedEpisode, segment: Segment | None = None) -> Future[Outcome]:
        answer: Future[Outcome] = Future()
        self.commits.add(PendingCommit(episode, 500, segment, answer))
        return answer


def reason(answer: Future[Outcome]) -> str:
    error = answer.exception(timeout=0)
    assert isinstance(error, SparringError)
    return error.reason


def test_episodes_wait_for_each_other_and_are_numbered_in_order(database: FailingDatabase) -> None:
    group = Group(database)
    answers = [group.add(committed(number)) for number in (4, 3)]
    assert not any(answer.done() for answer in answers)
    assert group.commits.wait_s() is not None

    group.commits.flush()

    assert [answer.result(0).episode.revision for answer in answers] == [3, 4]
    assert database.read(lambda tables: tables.runs.find(RUN)).revision == 4
    assert database.read(lambda tables: tables.episodes.numbers(RECORDING)) == [3, 4]
    assert group.told == [frozenset({RUN})]
    assert group.commits.wait_s() is None


def test_a_full_group_does_not_wait(database: FailingDatabase) -> None:
    group = Group(database, most_bytes=100)
    first = group.add(replace(committed(0), place=Place(0, 60)))
    assert not first.done()
    second = group.add(replace(committed(1), place=Place(60, 120)))
    assert first.done()
    assert second.done()


def test_a_key_that_is_there_is_answered_with_the_first_row(database: FailingDatabase) -> None:
    group = Group(database)
    first, same_group = group.add(committed(1)), group.add(replace(committed(1), committed_ns=9999))
    group.commits.flush()
    later = group.add(replace(committed(1), committed_ns=8888))
    group.commits.flush()
    assert [answer.result(0).existed for answer in (first, same_group, later)] == [False, True, True]
    assert {answer.result(0).episode.committed_ns for answer in (first, same_group, later)} == {1001}
    assert database.read(lambda tables: tables.runs.find(RUN)).revision == 3


def test_a_stale_owner_is_refused_and_nobody_else(database: FailingDatabase) -> None:
    group = Group(database)
    stale, fresh = group.add(replace(committed(0), epoch=0)), group.add(committed(1))
    group.commits.flush()
    assert reason(stale) == "EPOCH_STALE"
    assert fresh.result(0).episode.revision == 3
    assert database.read(lambda tables: tables.episodes.numbers(RECORDING)) == [1]


def test_a_sealed_phase_takes_nothing_new_but_knows_what_it_has(database: FailingDatabase) -> None:
    group = Group(database)
    group.add(committed(0))
    group.commits.flush()
    database.write(lambda tables: tables.phases.seal(RUN, 0, Mode.TRAIN))
    known, new = group.add(committed(0)), group.add(committed(1))
    group.commits.flush()
    assert known.result(0).existed
    assert reason(new) == "PHASE_SEALED"


def test_a_run_that_has_ended_takes_nothing_new(database: FailingDatabase) -> None:
    database.write(lambda tables: tables.runs.save(replace(tables.runs.find(RUN), status=Status.FAILED), "", 3))
    group = Group(database)
    answer = group.add(committed(0))
    group.commits.flush()
    assert reason(answer) == "RUN_ALREADY_TERMINAL"


@pytest.mark.parametrize("refusal", [store_busy("locked"), store_full("disk")])
def test_when_the_database_refuses_everybody_is_told(database: FailingDatabase, refusal: UnavailableError) -> None:
    group = Group(database)
    answers = [group.add(committed(number)) for number in range(2)]
    database.refusal = refusal
    group.commits.flush()
    assert [reason(answer) for answer in answers] == [refusal.reason] * 2
    assert group.told == []


def test_when_one_segment_fails_the_others_are_committed(database: FailingDatabase, tmp_path: Path) -> None:
    good, bad = Segment(tmp_path / "good", 0), Segment(tmp_path / "bad", 0)
    for segment in (good, bad):
        segment.append(Kind.STEPS, 0, b"x")
    bad.failure = store_full("disk")
    group = Group(database)
    failed, kept = group.add(committed(0), bad), group.add(committed(1), good)
    group.commits.flush()
    assert reason(failed) == "STORE_FULL"
    assert not kept.result(0).existed
    assert database.read(lambda tables: tables.episodes.numbers(RECORDING)) == [1]
    good.close()
    bad.close()


def test_the_steps_are_durable_before_the_row_is(database: FailingDatabase, tmp_path: Path) -> None:
    segment = Segment(tmp_path / "a.segment", 0)
    segment.append(Kind.STEPS, 0, b"steps")
    seen: list[int] = []

    class Watched(FailingDatabase):
        def write(self, work: Callable[[Tables], Result]) -> Result:
            seen.append((tmp_path / "a.segment").stat().st_size)
            return database.write(work)

    group = Group(Watched())
    answer = group.add(committed(0), segment)
    group.commits.flush()
    assert seen == [segment.position]
    assert answer.done()
    segment.close()


def test_first_step_and_last_commit_of_the_phase_are_noted(database: FailingDatabase) -> None:
    group = Group(database)
    group.add(replace(committed(0, steps=4), committed_ns=2_000_000_500))
    group.commits.flush()
    [phase] = database.read(lambda tables: tables.phases.summaries(RUN))
    assert phase.steps_per_second == 2.0
