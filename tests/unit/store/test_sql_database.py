"""What only a database on a disk can get wrong: durability, other processes, older and newer tables."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from sparring.store.sql import connection as connections
from sparring.store.sql.database import SqlDatabase
from sparring.store.sql.migrations.upgrade import known, upgrade
from sparring.store.sql.schema import METADATA, REVISION
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, UnavailableError
from tests.unit.store.builders import submission


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/store.sqlite"


def test_commits_are_written_through(tmp_path: Path) -> None:
    database = SqlDatabase(url(tmp_path))
    with database._writer.connect() as opened:
        assert opened.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert opened.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
    database.close()


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    for expected in ("dummy-1", "dummy-2"):
        database = SqlDatabase(url(tmp_path))
        token = expected
        assert database.write(lambda tables, t=token: tables.runs.insert("dummy", submission(t), 1)).run == expected  # type: ignore[misc]
        database.close()


def test_a_database_that_another_process_writes_to_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_PRAGMAS", (*connections._PRAGMAS[:2], "PRAGMA busy_timeout = 10"))
    database = SqlDatabase(url(tmp_path))
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError) as caught:
        database.write(lambda tables: tables.runs.insert("dummy", submission(), 1))
    assert caught.value.reason == "STORE_BUSY"
    assert database.read(lambda tables: tables.runs.latest()) is None  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    database.write(lambda tables: tables.runs.insert("dummy", submission(), 1))
    database.close()


def test_a_database_without_a_column_that_we_need_is_not_said_to_be_busy(tmp_path: Path) -> None:
    database = SqlDatabase(url(tmp_path))
    other = sqlite3.connect(tmp_path / "store.sqlite")
    other.execute("ALTER TABLE runs DROP COLUMN error_message")
    other.close()
    with pytest.raises(OperationalError) as caught:
        database.read(lambda tables: tables.runs.latest())
    assert "no such column" in str(caught.value)
    database.close()


def test_a_full_database_is_said_to_be_full(tmp_path: Path) -> None:
    database = SqlDatabase(url(tmp_path))
    with database._writer.connect() as opened:
        pages = opened.execute(text("PRAGMA page_count")).scalar_one()
        opened.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    large = submission()
    large = type(large)(large.client_token, large.uid, bytes(1 << 20))
    with pytest.raises(UnavailableError) as caught:
        database.write(lambda tables: tables.runs.insert("dummy", large, 1))
    assert caught.value.reason == "STORE_FULL"
    database.close()


@pytest.mark.parametrize("bad", ["nonsense", "mystery://host/db"])
def test_a_url_that_cannot_be_used_is_refused(bad: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        SqlDatabase(bad)
    assert caught.value.reason == "BAD_DATABASE_URL"


def test_migrations_end_with_the_tables_of_the_schema() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as opened:
        upgrade(opened)
        context = MigrationContext.configure(opened, opts={"compare_type": True})
        assert context.get_current_revision() == REVISION
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_the_newest_revision_is_known() -> None:
    assert REVISION in known()


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    engine = create_engine(url(tmp_path))
    with engine.begin() as opened:
        opened.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    engine.dispose()
    database = SqlDatabase(url(tmp_path))
    assert database.read(lambda tables: tables.runs.latest()) is None
    database.close()


def test_an_older_database_that_is_only_read_has_no_faults(tmp_path: Path) -> None:
    SqlDatabase(url(tmp_path)).close()
    with sqlite3.connect(tmp_path / "store.sqlite") as opened:
        opened.execute("DROP TABLE faults")
    opened.close()
    database = SqlDatabase(url(tmp_path), create=False)
    assert database.read(lambda tables: tables.faults.list("dummy-1")) == []
    database.close()


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    SqlDatabase(url(tmp_path)).close()
    with sqlite3.connect(tmp_path / "store.sqlite") as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    opened.close()
    with pytest.raises(FailedPreconditionError) as caught:
        SqlDatabase(url(tmp_path))
    assert caught.value.reason == "SCHEMA_NEWER"
    assert caught.value.metadata == {"found": "9999", "newest": REVISION}


def test_a_start_without_migration_loads_no_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from sparring.store.sql.database import SqlDatabase\n"
        f"for _ in range(2): SqlDatabase({url(tmp_path)!r}).close()\n"
        "print([name for name in ('alembic', 'pyarrow', 'duckdb', 'pandas') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "[]"


def test_the_tables_can_be_made_in_postgresql() -> None:
    dialect = postgresql.dialect()
    for table in METADATA.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect)).strip().startswith("CREATE TABLE")
        for index in table.indexes:
            assert "CREATE" in str(CreateIndex(index).compile(dialect=dialect))
