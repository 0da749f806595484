"""Raises when it is imported."""

raise ValueError("not today")
