"""Brings the tables up to date at start: made at once in a new database, migrated by alembic in an older one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from sparring.store.sql.schema import METADATA, REVISION
from sparring.types.errors import FailedPreconditionError

_VERSIONS: Final = "alembic_version"


def bring_up_to_date(engine: Engine) -> None:
    """Make or migrate the tables; alembic is loaded only where there is something to migrate.

    Raises:
        FailedPreconditionError: SCHEMA_NEWER.
    """
    with engine.begin() as connection:  # excludes another process that does the same
        found = _revision(connection)
        if found == REVISION:
            return
        if found is None:
            METADATA.create_all(connection)
            connection.execute(text(f"CREATE TABLE {_VERSIONS} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text(f"INSERT INTO {_VERSIONS} VALUES (:revision)"), {"revision": REVISION})
            return
        # Imported here: 0.1 s and 10 MiB that a start without migration does not pay.
        from sparring.store.sql.migrations.upgrade import known, upgrade

        if found and found not in known():
            raise FailedPreconditionError(
                "SCHEMA_NEWER",
                f"The store's database is at revision {found}, which this version of Sparring does not know; "
                "use the version that made it, or a newer one.",
                found=found,
                newest=REVISION,
            )
        upgrade(connection)


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables; empty before the first, None if this is a new database."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    return str(connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar_one_or_none() or "")
