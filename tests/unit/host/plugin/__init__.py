"""A package of author code, for tests."""
