"""Classes."""

from abc import ABC, abstractmethod


class Tank:
    """One."""


class BigTank(Tank):
    """Another."""


class _Hidden(Tank):
    """Not for documents."""


class Unfinished(Tank, ABC):
    """Cannot be made."""

    @abstractmethod
    def finish(self) -> None:
        """Never."""
