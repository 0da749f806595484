"""`sparring runs` and `sparring verify` over a store on this machine."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sparring.cli.main import app
from sparring.store.places import Places
from sparring.store.runs import Run, State, Status, Submission, Transition
from sparring.store.sql.database import SqlDatabase
from tests.unit.cli.samples import DOCUMENT


class Store:
    """A store in a folder, with runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._database = SqlDatabase(Places(folder).database_url)

    def add(self, seed: int = 42) -> Run:
        submission = Submission(f"token-{seed}", "dummy", DOCUMENT.encode(), "dummy.yml", seed)
        return self._database.write(lambda tables: tables.runs.insert("dummy", submission, time.time_ns()))

    def own(self, run: Run) -> Run:
        now_ns = time.time_ns()
        claimed = run.claimed("governor-1", now_ns, 15_000_000_000)
        return self._database.write(lambda tables: tables.runs.save(claimed, "Claimed.", now_ns))

    def enter(self, run: Run, state: State, status: Status, **more: Any) -> Run:
        now_ns = time.time_ns()
        entered = run.entered(Transition(run.epoch, run.ordinal + 1, state, status, **more), now_ns)
        return self._database.write(lambda tables: tables.runs.save(entered, f"Now {state}.", now_ns))

    def run(self, name: str) -> Run:
        return self._database.read(lambda tables: tables.runs.find(name))

    def close(self) -> None:
        self._database.close()

    def say(self, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, [*arguments, "--store", str(self.folder)])
        assert result.exit_code == code, result.output
        return result.output


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = Store(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def failed(store: Store) -> Run:
    run = store.enter(store.own(store.add()), State.TRANSCEIVING, Status.RUNNING)
    return store.enter(
        run,
        State.DONE,
        Status.FAILED,
        error_reason="AUTHOR_CODE_FAILED",
        error_message="Environment 'arena' raised in update in step 3: the pump is broken.",
    )


def test_runs_are_listed_newest_first(store: Store) -> None:
    store.add(1), store.add(2)
    lines = store.say("runs", "list").splitlines()
    assert [line.split()[0] for line in lines if "dummy" in line] == ["dummy-2", "dummy-1"]


def test_a_list_as_json_is_an_object_per_run(store: Store) -> None:
    store.add(7)
    (line,) = store.say("runs", "list", "--json").splitlines()
    run = json.loads(line)
    assert (run["run"], run["status"], run["state"], run["seed"]) == ("dummy-1", "submitted", "PRISTINE", 7)
    assert run["created"].endswith("+00:00")


def test_an_empty_store_says_so(store: Store) -> None:
    assert store.say("runs", "list") == "No runs yet.\n"
    assert store.say("runs", "list", "--json") == ""


def test_a_run_is_shown_by_name_and_as_latest(store: Store, failed: Run) -> None:
    for name in (failed.run, "latest"):
        text = store.say("runs", "show", name)
        assert "DONE" in text
        assert "AUTHOR_CODE_FAILED" in text
        assert "the pump is broken" in text


def test_an_unknown_run_is_an_error_that_tells_what_to_do(store: Store) -> None:
    result = CliRunner().invoke(app, ["runs", "show", "nobody-1", "--store", str(store.folder)])
    assert result.exit_code == 1
    assert "RUN_UNKNOWN" in result.stderr
    assert "sparring runs list" in result.stderr
    assert result.stdout == ""


def test_a_folder_without_a_store_is_left_as_it_is(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["runs", "list", "--store", str(tmp_path)])
    assert result.exit_code == 1
    assert "STORE_UNKNOWN" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_watching_prints_every_transition_and_ends_with_the_run(store: Store, failed: Run) -> None:
    lines = store.say("runs", "watch", "latest", code=1).splitlines()
    states = [line.split()[2] for line in lines[1:-1]]
    assert states == ["PRISTINE", "PRISTINE", "TRANSCEIVING", "DONE"]
    assert "AUTHOR_CODE_FAILED: Environment 'arena' raised" in lines[-2]
    assert lines[-1] == f"{failed.run}: failed"


def test_watching_as_json_has_the_events_of_run(store: Store, failed: Run) -> None:
    events = [json.loads(line) for line in store.say("runs", "watch", "latest", "--json", code=1).splitlines()]
    assert [event["event"] for event in events] == ["started", *["state"] * 4, "summary"]
    assert [event["state"] for event in events[1:-1]] == ["PRISTINE", "PRISTINE", "TRANSCEIVING", "DONE"]


def test_a_run_that_nobody_has_begun_is_cancelled_at_once(store: Store) -> None:
    run = store.add()
    assert store.say("runs", "cancel", run.run) == f"{run.run} is cancelled.\n"
    assert store.run(run.run).status is Status.CANCELLED


@pytest.mark.parametrize(
    ("wish", "noted"), [("cancel", {"cancel_requested": True}), ("pause", {"pause_requested": True})]
)
def test_a_wish_is_noted_for_the_owner(wish: str, noted: dict[str, bool], store: Store) -> None:
    run = store.own(store.add())
    assert store.say("runs", wish, run.run) == f"{run.run} is running; it will {wish} at its next step.\n"
    after = store.run(run.run)
    assert after == replace(run, revision=after.revision, **noted)


def test_a_wish_for_a_run_that_has_ended_is_refused(store: Store, failed: Run) -> None:
    result = CliRunner().invoke(app, ["runs", "cancel", failed.run, "--store", str(store.folder)])
    assert result.exit_code == 1
    assert "RUN_ALREADY_TERMINAL" in result.stderr


def test_a_run_without_episodes_verifies(store: Store, failed: Run) -> None:
    assert f"{failed.run}: ok (0 episodes, 0 steps)" in store.say("verify", "latest")


def test_statements_are_answered(store: Store, failed: Run) -> None:
    text = store.say("query", "SELECT run, status FROM runs")
    assert [" ".join(line.split()) for line in text.splitlines() if failed.run in line] == [f"{failed.run} failed"]
    (line,) = store.say("query", "SELECT run, seed FROM runs", "--json").splitlines()
    assert json.loads(line) == {"run": failed.run, "seed": 42}


def test_a_wrong_statement_is_an_error(store: Store) -> None:
    result = CliRunner().invoke(app, ["query", "SELECT nothing FROM nowhere", "--store", str(store.folder)])
    assert result.exit_code == 2
    assert "QUERY_INVALID" in result.stderr
