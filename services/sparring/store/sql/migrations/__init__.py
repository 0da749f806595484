"""Migrations of the store's tables, in alembic's form, for databases that were made by an older version."""
