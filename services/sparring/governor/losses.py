"""How often something may be lost before a run is given up."""

from __future__ import annotations

from collections import Counter

from sparring.types.errors import FailedPreconditionError, SparringError


class LossBudget:
    """Counts losses of the same thing; `retries` of them are allowed."""

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._counts: Counter[tuple[object, ...]] = Counter()

    def lost(self, key: tuple[object, ...]) -> int:
        """Return how often something was lost."""
        return self._counts[key]

    def count(self, key: tuple[object, ...], what: str, error: SparringError | None) -> int:
        """Count a loss; return which it is, from 1.

        Args:
            key: What is lost.
            what: The same for people.
            error: The last loss.

        Raises:
            FailedPreconditionError: RETRIES_EXHAUSTED.
        """
        self._counts[key] += 1
        if self._counts[key] > self._retries:
            last = "no reason given" if error is None else f"{error.message} ({error.reason})"
            raise FailedPreconditionError(
                "RETRIES_EXHAUSTED",
                f"{what} was lost {self._counts[key]} times, and played again {self._retries} times; at last: {last}",
                retries=self._retries,
                last="" if error is None else error.reason,
            ) from error
        return self._counts[key]
