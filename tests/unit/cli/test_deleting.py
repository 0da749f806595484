"""`sparring runs delete` and `prune`: rows and files of runs go, all else stays."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from typer.testing import CliRunner, Result

from sparring.cli.access import local_store
from sparring.cli.main import app
from sparring.store.brain_states import BrainState
from sparring.store.places import Places
from sparring.store.runs import Run, State, Status, Submission, Transition
from sparring.store.sql.database import SqlDatabase
from sparring.types.errors import NotFoundError
from sparring.types.mode import Mode
from tests.unit.cli.samples import DOCUMENT

S = 1_000_000_000
DAY = 86_400 * S


class Store:
    """A store in a folder, with runs in it that have files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.places = Places(folder)
        self.database = SqlDatabase(self.places.database_url)
        self._tokens = 0

    def add(self) -> Run:
        """Add a run that nobody has begun."""
        self._tokens += 1
        submission = Submission(f"token-{self._tokens}", "dummy", DOCUMENT.encode(), "dummy.yml", 42)
        run = self.database.write(lambda tables: tables.runs.insert("dummy", submission, time.time_ns()))
        steps = self.places.run(run.run) / "phase=0" / "steps.parquet"
        steps.parent.mkdir(parents=True)
        steps.write_bytes(b"x" * 2**20)
        (self.folder / "plots").mkdir(exist_ok=True)
        (self.folder / "plots" / f"{run.run}.png").write_bytes(b"x")
        return run

    def owned(self, lease_s: int) -> Run:
        """Add a run with an owner whose lease ends in so many seconds."""
        run, now_ns = self.add(), time.time_ns()
        claimed = replace(run.claimed("governor-1", now_ns, S), lease_until_ns=now_ns + lease_s * S)
        return self.database.write(lambda tables: tables.runs.save(claimed, "governor-1 took it.", now_ns))

    def ended(self, days: int = 0) -> Run:
        """Add a run that finished so many days ago."""
        run, then_ns = self.owned(60), time.time_ns() - days * DAY
        done = run.entered(Transition(run.epoch, 1, State.DONE, Status.FINISHED), then_ns)

        def work(tables: Any) -> Run:
            tables.phases.begin(run.run, 0, Mode.TRAIN, "train")
            saved: Run = tables.runs.save(done, "", then_ns)
            return saved

        return self.database.write(work)

    def names(self) -> list[str]:
        return [run.run for _, run in self.database.read(lambda tables: tables.runs.page(None, 100))]

    def folders(self) -> list[str]:
        return sorted(path.name for path in self.places.runs.iterdir())

    def say(self, *arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(app, ["runs", *arguments, "--store", str(self.folder)], input=answer)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = Store(tmp_path / "data")
    yield made
    made.database.close()


def test_a_deleted_run_leaves_neither_rows_nor_files(store: Store) -> None:
    gone, kept = store.ended(), store.ended()
    result = store.say("delete", gone.run, "--yes")
    assert result.output == "Deleted 1 run with 1.0 MiB of files.\n"
    assert store.names() == [kept.run]
    assert store.folders() == [kept.run]
    assert [path.name for path in (store.folder / "plots").iterdir()] == [f"{kept.run}.png"]

    def look(tables: Any) -> tuple[Any, ...]:
        states: list[BrainState] = tables.brain_states.list(gone.run)
        return tables.phases.summaries(gone.run), tables.runs.events(gone.run, 0, 10), states

    assert store.database.read(look) == ([], [], [])
    assert store.database.read(lambda tables: tables.phases.summaries(kept.run)) != []
    with pytest.raises(NotFoundError):
        store.database.read(lambda tables: tables.runs.find(gone.run))


def test_the_name_of_a_deleted_run_is_never_given_again(store: Store) -> None:
    store.ended()
    gone = store.ended()
    assert store.say("delete", gone.run, "--yes").exit_code == 0
    assert gone.run == "dummy-2"
    assert store.add().run == "dummy-3"


def test_it_asks_before_and_no_is_no(store: Store) -> None:
    run = store.ended()
    for answer in ("n\n", ""):
        result = store.say("delete", run.run, answer=answer)
        assert result.exit_code != 0
        assert "Delete 1 run with 1.0 MiB of files?" in result.output
    assert store.folders() == [run.run]
    assert store.say("delete", run.run, answer="y\n").exit_code == 0
    assert store.names() == []


def test_a_run_that_somebody_carries_out_is_not_deleted(store: Store) -> None:
    run = store.owned(60)
    result = store.say("delete", run.run, "--yes")
    assert result.exit_code == 1
    assert "RUN_IN_PROGRESS" in result.stderr
    assert store.names() == [run.run]
    assert store.folders() == [run.run]


def test_a_run_whose_owner_is_dead_or_that_never_had_one_is_deleted(store: Store) -> None:
    for run in (store.owned(-5), store.add()):
        assert store.say("delete", run.run, "--yes").exit_code == 0
    assert store.names() == []


def test_a_store_of_an_older_version_has_not_all_tables(store: Store) -> None:
    run = store.ended()
    engine = create_engine(store.places.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE faults")
    engine.dispose()
    assert store.say("delete", run.run, "--yes").exit_code == 0
    assert store.names() == []


def test_files_of_an_interrupted_deletion_go_with_the_next(store: Store) -> None:
    run = store.ended()
    left = store.folder / "_deleted.old-1"
    left.mkdir()
    store.say("delete", run.run, "--yes")
    assert not left.exists()
    assert not list(store.folder.glob("_deleted.*"))


def test_a_database_elsewhere_is_refused(store: Store) -> None:
    result = CliRunner().invoke(app, ["runs", "delete", "dummy-1", "--store", store.places.database_url, "--yes"])
    assert result.exit_code == 2
    assert "STORE_ELSEWHERE" in result.stderr


def test_pruning_keeps_the_newest_and_whatever_has_not_ended(store: Store) -> None:
    store.ended(), store.ended()
    going = store.owned(60)
    newest = store.ended()
    assert store.say("prune", "--keep", "1", "--yes").output == "Deleted 2 runs with 2.0 MiB of files.\n"
    assert store.names() == [newest.run, going.run]


def test_pruning_reaches_beyond_the_first_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_store, "LARGEST_PAGE", 2)
    runs = [store.ended() for _ in range(5)]
    assert store.say("prune", "--keep", "1", "--yes").exit_code == 0
    assert store.names() == [runs[-1].run]


def test_pruning_by_age_spares_the_young(store: Store) -> None:
    store.ended(days=9)
    young = store.ended(days=2)
    assert store.say("prune", "--older-than", "1w", "--yes").exit_code == 0
    assert store.names() == [young.run]
    assert store.say("prune", "--older-than", "1w").output == "Nothing to delete.\n"


def test_what_is_both_old_and_not_among_the_newest_is_pruned(store: Store) -> None:
    runs = [store.ended(days=days) for days in (9, 9, 2)]
    assert store.say("prune", "--older-than", "1w", "--keep", "2", "--yes").exit_code == 0
    assert store.names() == [runs[2].run, runs[1].run]


@pytest.mark.parametrize("arguments", [(), ("--older-than", "yesterday")])
def test_pruning_without_saying_what_to_keep_is_a_mistake(store: Store, arguments: tuple[str, ...]) -> None:
    run = store.ended()
    assert store.say("prune", *arguments, "--yes").exit_code == 2
    assert store.names() == [run.run]
