"""Statements of users see the tables and the steps, and nothing else; they change nothing."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from gymnasium.spaces import Box

from sparring.store.declared import Declared
from sparring.store.parquet.columns import RecordColumns
from sparring.store.parquet.files import write_parquet
from sparring.store.phases import RecordingKey
from sparring.store.places import Places
from sparring.store.ports import Tables
from sparring.store.statement import Statement
from sparring.store.statements import PIECE_BYTES, answer
from sparring.store.steps import Piece
from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.mode import Mode
from sparring.types.record import EnvironmentDeclarations
from tests.unit.store.builders import DECLARED, committed, play, submission
from tests.unit.store.memory_database import MemoryDatabase


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "it's a store")
    other = Declared([EnvironmentDeclarations("other", (Declaration("x", Box(0, 1, (2,))),), (), ())], [])
    for run, declared in (("dummy-1", DECLARED), ("other-1", other)):
        path = made.parquet(RecordingKey(run, 0, Mode.TRAIN, 1))
        path.parent.mkdir(parents=True)
        played = play(0, 4, declared=declared)
        write_parquet(path, RecordColumns(declared, ()), [Piece(batch) for batch in played.batches])
    return made


@pytest.fixture
def database() -> MemoryDatabase:
    made = MemoryDatabase()

    def work(tables: Tables) -> None:
        tables.runs.insert("dummy", submission("a"), 1)
        tables.runs.insert("other", submission("b", "other"), 2)
        tables.phases.begin("dummy-1", 0, Mode.TRAIN, "warm-up")
        tables.episodes.insert([committed(0), committed(1)])

    made.write(work)
    return made


def rows(database: MemoryDatabase, places: Places, sql: str) -> list[dict[str, Any]]:
    statement = Statement()
    try:
        statement.run(database, places, sql)
        return pa.Table.from_batches(statement.batches(), statement.schema).to_pylist()  # type: ignore[no-any-return]
    finally:
        statement.close()


def test_steps_of_all_runs_say_where_they_are_from(database: MemoryDatabase, places: Places) -> None:
    found = rows(
        database, places, "SELECT run, phase, mode, rollout, count(*) AS n FROM steps GROUP BY ALL ORDER BY run"
    )
    assert found == [
        {"run": "dummy-1", "phase": 0, "mode": "train", "rollout": 1, "n": 5},
        {"run": "other-1", "phase": 0, "mode": "train", "rollout": 1, "n": 5},
    ]


def test_columns_that_a_run_does_not_have_are_null(database: MemoryDatabase, places: Places) -> None:
    found = rows(
        database,
        places,
        'SELECT "sensor.plant.level" AS level, "sensor.other.x" AS x FROM steps WHERE step = 2 ORDER BY run',
    )
    assert [row["level"] for row in found] == [2, None]
    assert [row["x"] is None for row in found] == [True, False]


def test_runs_phases_and_episodes_can_be_joined(database: MemoryDatabase, places: Places) -> None:
    found = rows(
        database,
        places,
        "SELECT runs.uid, phases.name, avg(episode_return) AS mean FROM runs JOIN phases USING (run) "
        "JOIN episodes ON episodes.run = runs.run AND episodes.phase = phases.phase GROUP BY ALL",
    )
    assert found == [{"uid": "dummy", "name": "warm-up", "mean": 0.5}]


def test_objectives_are_found_by_agent(database: MemoryDatabase, places: Places) -> None:
    assert rows(database, places, "SELECT objectives['operator'] AS o FROM episodes LIMIT 1") == [{"o": 0.5}]


def test_without_any_sealed_phase_steps_are_empty(database: MemoryDatabase, tmp_path: Path) -> None:
    assert rows(database, Places(tmp_path / "new"), "SELECT run, episode FROM steps") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM nothing",
        "SELEC 1",
        "",
        "SELECT 1; SELECT 2",
        "CREATE TABLE t AS SELECT 1",
        "INSERT INTO runs VALUES (1)",
        "COPY (SELECT 1) TO '{file}'",
        "ATTACH '{file}'",
        "SET threads = 1",
        "INSTALL httpfs",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM read_parquet('{folder}/*.parquet')",
        "FROM read_blob('{folder}/store.sqlite')",
        "SELECT error('as asked')",
    ],
)
def test_what_does_not_only_read_the_store_is_refused(
    database: MemoryDatabase, places: Places, tmp_path: Path, sql: str
) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    with pytest.raises(InvalidArgumentError) as caught:
        rows(database, places, sql.format(file=file, folder=tmp_path))
    assert caught.value.reason == "QUERY_INVALID"
    assert file.read_text() == "a\n1\n"


def test_an_answer_comes_in_pieces_that_fit_into_messages(database: MemoryDatabase, places: Places) -> None:
    sql = "SELECT range AS number, 'x' || range AS name FROM range(200000)"
    pieces = list(answer(database, places, sql))
    assert len(pieces) > 2
    assert max(map(len, pieces)) <= PIECE_BYTES
    table = pa.ipc.open_stream(b"".join(pieces)).read_all()
    assert table.num_rows == 200_000
    assert table.column("number")[199_999].as_py() == 199_999


def test_an_empty_answer_still_has_its_columns(database: MemoryDatabase, places: Places) -> None:
    data = b"".join(answer(database, places, "SELECT run, seed FROM runs WHERE false"))
    assert pa.ipc.open_stream(data).read_all().column_names == ["run", "seed"]


def test_a_statement_warns_of_nothing(database: MemoryDatabase, places: Places) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert rows(database, places, "SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELECT * FROM episode", "Tables: runs, phases, episodes, brain_states, faults, steps."),
        ("SELECT retrun FROM phases", "Columns of phases: run, phase, mode, name, episodes,"),
        ("SELECT e.nothing FROM episodes e", "Columns of episodes: run, phase, phase_name,"),
        ("SELECT levle FROM steps", '"sensor.plant.level"'),
    ],
)
def test_who_asks_for_what_there_is_not_is_told_what_there_is(
    database: MemoryDatabase, places: Places, sql: str, hint: str
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        rows(database, places, sql)
    assert "LINE 1: " in caught.value.message
    assert hint in caught.value.message


def test_the_newest_run_has_a_name_in_statements(database: MemoryDatabase, places: Places) -> None:
    assert rows(database, places, "SELECT latest() AS run") == [{"run": "other-1"}]
    assert rows(database, places, "SELECT count(*) AS n FROM steps WHERE run = latest()") == [{"n": 5}]
    assert rows(MemoryDatabase(), places, "SELECT latest() AS run, count(*) AS n FROM runs") == [{"run": None, "n": 0}]


def test_nothing_is_read_of_runs_that_a_statement_leaves_out(database: MemoryDatabase, places: Places) -> None:
    places.parquet(RecordingKey("other-1", 0, Mode.TRAIN, 1)).write_bytes(b"no Parquet at all")
    assert rows(database, places, "SELECT count(*) AS n FROM steps WHERE run = 'dummy-1' AND step > 0") == [{"n": 4}]
    (first, *_) = rows(database, places, "SELECT * FROM steps WHERE run = 'dummy-1' ORDER BY step")
    assert not [name for name in first if name.startswith("sensor.other")]
    with pytest.raises(InvalidArgumentError):
        rows(database, places, "SELECT count(*) FROM steps")


@pytest.mark.parametrize("run", ["../dummy-1", "*", "nobody-1", "it's"])
def test_runs_that_there_are_not_have_no_steps(database: MemoryDatabase, places: Places, run: str) -> None:
    quoted = run.replace("'", "''")
    assert rows(database, places, f"SELECT count(*) AS n FROM steps WHERE run = '{quoted}'") == [{"n": 0}]


def test_all_runs_can_be_had_without_a_condition(database: MemoryDatabase, places: Places) -> None:
    sql = "SELECT count(*) AS n FROM steps WHERE run = 'dummy-1' OR step = 0"
    assert rows(database, places, sql) == [{"n": 6}]
