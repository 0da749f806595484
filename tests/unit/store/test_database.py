"""The contract of the database port, for every implementation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sparring.store.brain_states import BrainState
from sparring.store.episodes import CommittedEpisode
from sparring.store.phases import Count, Recording, RecordingKey
from sparring.store.ports import Database, Tables
from sparring.store.runs import State, Status, Wish
from sparring.store.sql.database import SqlDatabase
from sparring.types.episode import EpisodeKey
from sparring.types.errors import NotFoundError
from sparring.types.faults import FaultKind, StruckFault
from sparring.types.mode import Mode
from tests.unit.store.builders import BONUS, RUN, committed, keys, late_rewards, numbered, submission
from tests.unit.store.memory_database import MemoryDatabase

RECORDING = RecordingKey(RUN, 0, Mode.TRAIN, 0)


@pytest.fixture(params=["sqlite", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    made: Database = (
        MemoryDatabase() if request.param == "memory" else SqlDatabase(f"sqlite:///{tmp_path}/store.sqlite")
    )
    yield made
    made.close()


def insert(database: Database, token: str = "token", uid: str = "dummy", now_ns: int = 100) -> str:
    return database.write(lambda tables: tables.runs.insert(uid, submission(token, uid), now_ns)).run


def episodes(database: Database, *rows: CommittedEpisode) -> None:
    database.write(lambda tables: tables.episodes.insert(rows))


def test_runs_of_a_uid_are_counted_and_found_again(database: Database) -> None:
    assert [insert(database, token) for token in ("a", "b")] == ["dummy-1", "dummy-2"]
    run = database.read(lambda tables: tables.runs.find("dummy-2"))
    assert (run.uid, run.seed, run.status, run.state, run.created_ns) == (
        "dummy",
        7,
        Status.SUBMITTED,
        State.PRISTINE,
        100,
    )
    assert run.revision == 1


def test_a_name_that_another_uid_has_taken_is_passed_over(database: Database) -> None:
    names = [insert(database, "a", "dummy-1"), insert(database, "b", "dummy"), insert(database, "c", "dummy-1")]
    assert names == ["dummy-1-1", "dummy-1", "dummy-1-2"]
    assert insert(database, "d", "dummy-1-1") == "dummy-1-1-1"


def test_a_run_is_found_by_its_token(database: Database) -> None:
    insert(database, "a")
    found = database.read(lambda tables: tables.runs.with_token("a"))
    assert found is not None
    assert found.run == RUN
    assert database.read(lambda tables: tables.runs.with_token("b")) is None


def test_a_document_is_kept_as_it_was(database: Database) -> None:
    given = replace(submission(), document=b"\x00\xff", seed=2**64 - 1, fingerprint=b"f", placement="inline")
    database.write(lambda tables: tables.runs.insert("dummy", given, 1))
    assert database.read(lambda tables: tables.runs.submission(RUN)) == given
    assert database.read(lambda tables: tables.runs.find(RUN)).seed == 2**64 - 1


@pytest.mark.parametrize(
    "asked",
    [
        lambda tables: tables.runs.find("x"),
        lambda tables: tables.runs.submission("x"),
        lambda tables: tables.runs.at("x", 1),
    ],
)
def test_a_run_that_does_not_exist_is_said_to_be_unknown(database: Database, asked: Callable[[Tables], object]) -> None:
    with pytest.raises(NotFoundError) as caught:
        database.read(asked)
    assert caught.value.reason == "RUN_UNKNOWN"


def test_runs_are_paged_newest_first(database: Database) -> None:
    for number in range(5):
        insert(database, str(number))
    first = database.read(lambda tables: tables.runs.page(None, 2))
    rest = database.read(lambda tables: tables.runs.page(first[-1][0], 10))
    assert [run.run for _, run in first + rest] == ["dummy-5", "dummy-4", "dummy-3", "dummy-2", "dummy-1"]
    newest = database.read(lambda tables: tables.runs.latest())
    assert newest == first[0][1]


def test_only_runs_without_a_living_owner_can_be_claimed_oldest_first(database: Database) -> None:
    for token in "abcd":
        insert(database, token)

    def work(tables: Tables) -> None:
        owned = tables.runs.find("dummy-1").claimed("gov", 0, 10)
        tables.runs.save(owned, "", 1)
        tables.runs.save(tables.runs.find("dummy-2").wished(Wish.CANCEL, 1), "", 1)

    database.write(work)

    def claimable(now_ns: int, names: tuple[str, ...] = (), limit: int = 9) -> list[str]:
        return [run.run for run in database.write(lambda tables: tables.runs.claimable(now_ns, names, limit))]

    assert claimable(10) == ["dummy-3", "dummy-4"]
    assert claimable(11) == ["dummy-1", "dummy-3", "dummy-4"]
    assert claimable(11, limit=1) == ["dummy-1"]
    assert claimable(11, ("dummy-4", "dummy-2")) == ["dummy-4"]


def test_every_change_is_an_event_with_the_run_after_it(database: Database) -> None:
    insert(database)
    claimed = database.write(lambda tables: tables.runs.save(tables.runs.find(RUN).claimed("gov", 5, 9), "claimed", 5))
    assert claimed.revision == 2
    assert database.read(lambda tables: tables.runs.find(RUN)) == claimed
    events = database.read(lambda tables: tables.runs.events(RUN, 0, 10))
    assert [(event.run.revision, event.time_ns, event.message) for event in events] == [
        (1, 100, "Submitted dummy.yml."),
        (2, 5, "claimed"),
    ]
    assert events[1].run == claimed
    assert database.read(lambda tables: tables.runs.events(RUN, 1, 10)) == events[1:]
    assert database.read(lambda tables: tables.runs.events(RUN, 0, 1)) == events[:1]


def test_the_run_is_known_as_it_was_at_a_revision(database: Database) -> None:
    insert(database)
    database.write(lambda tables: tables.runs.count_up(RUN, 3))
    database.write(lambda tables: tables.runs.save(tables.runs.find(RUN).claimed("gov", 5, 9), "claimed", 5))
    governors = [database.read(lambda tables, at=at: tables.runs.at(RUN, at)).governor for at in (1, 4, 5, 9)]  # type: ignore[misc]
    assert governors == ["", "", "gov", "gov"]


def test_a_lease_is_renewed_without_an_event(database: Database) -> None:
    insert(database)
    run = database.write(lambda tables: tables.runs.save(tables.runs.find(RUN).claimed("gov", 5, 9), "", 5))
    database.write(lambda tables: tables.runs.renew(run.renewed(100, 9)))
    found = database.read(lambda tables: tables.runs.find(RUN))
    assert (found.lease_until_ns, found.revision) == (109, 2)


def test_the_newest_finished_run_of_a_uid_is_found(database: Database) -> None:
    for token in "abc":
        insert(database, token)

    def work(tables: Tables) -> None:
        for name, status in (("dummy-1", Status.FINISHED), ("dummy-2", Status.FINISHED), ("dummy-3", Status.FAILED)):
            tables.runs.save(replace(tables.runs.find(name), status=status), "", 1)

    database.write(work)
    found = database.read(lambda tables: tables.runs.latest_finished("dummy"))
    assert found is not None
    assert found.run == "dummy-2"
    assert database.read(lambda tables: tables.runs.latest_finished("other")) is None


def test_what_raises_in_a_transaction_leaves_no_trace(database: Database) -> None:
    insert(database)

    def work(tables: Tables) -> None:
        tables.runs.insert("dummy", submission("b"), 1)
        tables.phases.begin(RUN, 0, Mode.TRAIN, "warm-up")
        tables.episodes.insert([committed()])
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(work)
    assert len(database.read(lambda tables: tables.runs.page(None, 9))) == 1
    assert database.read(lambda tables: tables.phases.summaries(RUN)) == []
    assert database.read(lambda tables: tables.episodes.numbers(RECORDING)) == []


def test_a_phase_sums_up_its_committed_episodes(database: Database) -> None:
    insert(database)

    def work(tables: Tables) -> None:
        tables.phases.begin(RUN, 0, Mode.TRAIN, "warm-up")
        tables.phases.begin(RUN, 0, Mode.TRAIN, "another name")
        tables.phases.begin(RUN, 1, Mode.TEST, "exam")
        tables.phases.note_times(RUN, 0, Mode.TRAIN, 4_000_000_000, 6_000_000_000)
        tables.phases.note_times(RUN, 0, Mode.TRAIN, 5_000_000_000, 7_000_000_000)
        tables.episodes.insert([committed(0, steps=3), committed(1, steps=6), committed(2, steps=9, rollout=1)])

    database.write(work)
    warm_up, exam = database.read(lambda tables: tables.phases.summaries(RUN))
    assert (warm_up.phase, warm_up.mode, warm_up.name, warm_up.sealed) == (0, Mode.TRAIN, "warm-up", False)
    assert (warm_up.episodes, warm_up.steps, warm_up.mean_return, warm_up.steps_per_second) == (3, 18, 1.0, 6.0)
    assert (exam.name, exam.episodes, exam.steps, exam.mean_return, exam.steps_per_second) == ("exam", 0, 0, 0.0, 0.0)


def test_a_sealed_phase_stays_sealed(database: Database) -> None:
    insert(database)
    database.write(lambda tables: tables.phases.begin(RUN, 0, Mode.TRAIN, "warm-up"))
    assert not database.read(lambda tables: tables.phases.is_sealed(RUN, 0, Mode.TRAIN))
    database.write(lambda tables: tables.phases.seal(RUN, 0, Mode.TRAIN))
    database.write(lambda tables: tables.phases.begin(RUN, 0, Mode.TRAIN, "warm-up"))
    assert database.read(lambda tables: tables.phases.is_sealed(RUN, 0, Mode.TRAIN))
    assert not database.read(lambda tables: tables.phases.is_sealed(RUN, 0, Mode.EVALUATE))


def test_the_first_declarations_of_a_rollout_worker_stay(database: Database) -> None:
    insert(database)
    second = RECORDING._replace(rollout=1)
    given = [Recording(second, b"b"), Recording(RECORDING, b"a"), Recording(second, b"c")]
    kept = database.write(lambda tables: [tables.phases.declare(each) for each in given])
    assert kept == [given[0], given[1], given[0]]
    assert database.read(lambda tables: tables.phases.recordings(RUN)) == [
        Recording(RECORDING, b"a"),
        Recording(second, b"b"),
    ]


def test_an_episode_comes_back_as_it_was_committed(database: Database) -> None:
    insert(database)
    database.write(lambda tables: tables.phases.begin(RUN, 0, Mode.TRAIN, "warm-up"))
    row = numbered(committed(3), 9, late_rewards(2, BONUS))
    episodes(database, row)
    [found] = database.read(lambda tables: tables.episodes.page(RUN, None, None, 9))
    assert found.late[0].row == 2
    assert replace(found, late=()) == replace(row, late=(), phase_name="warm-up")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0])
def test_a_return_may_be_any_number(database: Database, value: float) -> None:
    insert(database)
    database.write(lambda tables: tables.phases.begin(RUN, 0, Mode.TRAIN, "warm-up"))
    row = committed()
    episodes(database, replace(row, summary=replace(row.summary, episode_return=value)))
    [found] = database.read(lambda tables: tables.episodes.page(RUN, None, None, 9))
    assert math.isnan(found.summary.episode_return) if math.isnan(value) else found.summary.episode_return == value
    [phase] = database.read(lambda tables: tables.phases.summaries(RUN))
    assert math.isnan(phase.mean_return) if math.isnan(value) else phase.mean_return == value


def test_a_key_can_be_committed_once(database: Database) -> None:
    insert(database)
    episodes(database, committed(1))
    with pytest.raises(Exception, match=r"(?i)unique|already"):
        episodes(database, committed(1))
    found = database.read(lambda tables: tables.episodes.existing(RECORDING, [0, 1, 2]))
    assert list(found) == [1]


def test_episodes_are_paged_by_phase_mode_rollout_and_number(database: Database) -> None:
    insert(database)
    rows = [
        committed(number, phase=phase, mode=mode, rollout=rollout)
        for phase, mode in ((0, Mode.EVALUATE), (0, Mode.TRAIN), (1, Mode.TEST))
        for rollout in (0, 1)
        for number in (0, 1)
    ]
    episodes(database, *reversed(rows))

    def page(after: EpisodeKey | None) -> list[CommittedEpisode]:
        return database.read(lambda tables: tables.episodes.page(RUN, None, after, 5))

    found = page(None)
    while more := page(found[-1].summary.key):
        found += more
    assert keys(found) == keys(rows)
    assert keys(database.read(lambda tables: tables.episodes.page(RUN, 1, None, 9))) == keys(rows[8:])


def test_episodes_of_one_rollout_worker_are_told_from_others(database: Database) -> None:
    insert(database)
    episodes(
        database, *(committed(n, rollout=r, mode=m) for n in (2, 0, 1) for r in (0, 1) for m in (Mode.TRAIN, Mode.TEST))
    )
    assert database.read(lambda tables: tables.episodes.numbers(RECORDING)) == [0, 1, 2]
    assert keys(database.read(lambda tables: tables.episodes.of_recording(RECORDING, 0, 1))) == [
        EpisodeKey(0, Mode.TRAIN, 0, 1)
    ]
    assert database.read(lambda tables: tables.episodes.last_stop(RECORDING)) == 11
    assert database.read(lambda tables: tables.episodes.last_stop(RECORDING._replace(rollout=7))) == 0
    assert database.read(lambda tables: tables.episodes.counts(RUN, 0, Mode.TRAIN)) == {0: Count(3, 9), 1: Count(3, 9)}


def test_episodes_come_in_the_order_of_their_revisions(database: Database) -> None:
    insert(database)
    episodes(database, numbered(committed(1), 3), numbered(committed(0), 4), numbered(committed(2), 2))
    found = database.read(lambda tables: tables.episodes.since(RUN, 2, 9))
    assert [(each.revision, each.summary.key.episode) for each in found] == [(3, 1), (4, 0)]


def test_all_digests_of_a_run_are_known(database: Database) -> None:
    insert(database)
    rows = [committed(0), committed(1, mode=Mode.EVALUATE)]
    episodes(database, *rows)
    found = dict(database.read(lambda tables: tables.episodes.digests(RUN)))
    assert found == {row.summary.key: row.summary.digest for row in rows}


def state(tag: str = "phase-end", phase: int = 0, digest: bytes = b"d", policy_version: int = 4) -> BrainState:
    contains = (EpisodeKey(0, Mode.TRAIN, 0, 9), EpisodeKey(0, Mode.TRAIN, 1, 8))
    return BrainState(RUN, 1, phase, "operator", tag, contains, policy_version, "application/x-npz", 10, digest)


def test_the_newest_brain_state_that_fits_is_found(database: Database) -> None:
    insert(database)
    for each in (state(), state("episode-5", digest=b"e"), state(phase=1, digest=b"f"), state(digest=b"g")):
        database.write(lambda tables, put=each: tables.brain_states.put(put, 1))  # type: ignore[misc]

    def find(phase: int | None, agent: str = "operator", tag: str = "") -> BrainState | None:
        return database.read(lambda tables: tables.brain_states.find(RUN, phase, agent, tag))

    assert find(0, tag="phase-end") == state(digest=b"g")
    assert find(None) == state(digest=b"g")
    assert find(1) == state(phase=1, digest=b"f")
    assert find(0, tag="episode-5") == state("episode-5", digest=b"e")
    assert find(0, agent="nobody") is None
    assert find(2) is None
    assert len(database.read(lambda tables: tables.brain_states.list(RUN))) == 3
    assert not database.read(lambda tables: tables.brain_states.uses(RUN, b"d"))
    assert database.read(lambda tables: tables.brain_states.uses(RUN, b"g"))


def test_the_first_record_of_a_fault_in_an_episode_stays(database: Database) -> None:
    other = insert(database, "a"), insert(database, "b", "other")
    key = EpisodeKey(0, Mode.TRAIN, 0, 7)
    kill = StruckFault(key, "kill grid", FaultKind.KILL, "grid", 30)
    bias = StruckFault(key, "sensor_bias grid.flow", FaultKind.SENSOR_BIAS, "grid.flow", 4, -0.5)

    def put(run: str, attempt: str, fault: StruckFault) -> str:
        return database.write(lambda tables: tables.faults.put(run, attempt, fault, 5))

    assert put(other[0], "first", kill) == "first"
    assert put(other[0], "first", kill) == "first"
    assert put(other[0], "second", replace(kill, step=31)) == "first"
    assert put(other[0], "second", bias) == "second"
    assert put(other[1], "second", kill) == "second"
    assert put(other[0], "second", replace(kill, key=replace(key, episode=8))) == "second"
    found = database.read(lambda tables: tables.faults.list(other[0]))
    assert found == [bias, kill, replace(kill, key=replace(key, episode=8))]
    assert database.read(lambda tables: tables.faults.list("nobody-1")) == []
