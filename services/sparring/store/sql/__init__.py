"""The database of the store in SQL: SQLite by default, PostgreSQL where it is deployed."""
