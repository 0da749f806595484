"""Numbers that brains and muscles put on record, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.types.errors import InvalidArgumentError


class Statistics:
    """Base of brains and muscles: collects numbers until the framework takes them."""

    def add_statistics(self, key: str, value: Any, allow_overwrite: bool = False) -> None:
        """Put a number on record under a name, for this step.

        Args:
            key: The name.
            value: The number.
            allow_overwrite: Replace one of the same name; otherwise that is an error.

        Raises:
            InvalidArgumentError: STATISTICS_REPEATED.
        """
        statistics = self.__dict__.setdefault("_statistics", {})
        if key in statistics and not allow_overwrite:
            raise InvalidArgumentError(
                "STATISTICS_REPEATED", f"The statistics of this step have {key!r} already; allow_overwrite replaces it."
            )
        statistics[key] = value

    def pop_statistics(self) -> dict[str, Any]:
        """Return what was put on record since the last call, and forget it."""
        statistics: dict[str, Any] = self.__dict__.get("_statistics") or {}
        if statistics:
            self.__dict__["_statistics"] = {}
        return statistics


def numbers(statistics: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """Return statistics as numbers by name.

    Raises:
        InvalidArgumentError: STATISTICS_NO_NUMBER, naming the one that is none.
    """
    found = []
    for key, value in statistics.items():
        try:
            found.append((key, float(value)))
        except (TypeError, ValueError) as wrong:
            kind = type(value).__name__
            raise InvalidArgumentError(
                "STATISTICS_NO_NUMBER", f"The statistics {key!r} are {kind}, not a number.", name=key, kind=kind
            ) from wrong
    return tuple(found)
