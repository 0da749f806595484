"""What alembic runs to migrate: the connection is given by `upgrade`."""

from alembic import context

from sparring.store.sql.schema import METADATA


def run() -> None:
    """Migrate over the given connection, in the transaction that it is in."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which alembic loads it; imported otherwise, it does nothing
    run()
