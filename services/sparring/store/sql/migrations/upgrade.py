"""Runs the migrations on an open connection, without configuration files."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """Return alembic's configuration; it migrates over `connection`, within its transaction."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def known() -> frozenset[str]:
    """Return all revisions that this version knows."""
    return frozenset(each.revision for each in ScriptDirectory.from_config(config()).walk_revisions())


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate the tables to a revision."""
    command.upgrade(config(connection), revision)
