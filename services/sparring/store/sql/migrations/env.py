"""What alembic runs to migrate: the connection is given by `upgrade`."""

from alembic import context

from sparring.store.sql.schema import METADATA


def run() -> None:
    """Migrate over the given connection, in the transaction that it is in."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
    with context.begin_transaction():
        context.run_migrations()


# Imported by others (to list modules, to check that they load), the file does nothing.
if hasattr(context, "_proxy") and context._proxy is not None:
    run()
