"""Which sockets can be read and written now: `selectors`, and on Linux epoll without what that adds to every event."""

from __future__ import annotations

import select
import selectors
import socket
from collections.abc import Iterable
from typing import Any, Final, Protocol

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE


class Readiness(Protocol):
    """Sockets, each with what is wanted of it and what it belongs to. One thread."""

    def add(self, connection: socket.socket, wanted: int, owner: Any) -> None:
        """Begin to look at a socket; `wanted` is READ, WRITE or both."""

    def change(self, connection: socket.socket, wanted: int, owner: Any) -> None:
        """Look for something else."""

    def remove(self, connection: socket.socket) -> None:
        """Look at it no more.

        Raises:
            KeyError, ValueError: It is not looked at.
        """

    def wait(self, timeout_s: float | None) -> Iterable[tuple[Any, int]]:
        """Wait until something can be done; return owners and what. A broken socket can do what is wanted of it."""

    def close(self) -> None:
        """Give everything back."""


class SelectorReadiness:
    """Anywhere."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, connection: socket.socket, wanted: int, owner: Any) -> None:
        """See `Readiness`."""
        self._selector.register(connection, wanted, owner)

    def change(self, connection: socket.socket, wanted: int, owner: Any) -> None:
        """See `Readiness`."""
        self._selector.modify(connection, wanted, owner)

    def remove(self, connection: socket.socket) -> None:
        """See `Readiness`."""
        self._selector.unregister(connection)

    def wait(self, timeout_s: float | None) -> Iterable[tuple[Any, int]]:
        """See `Readiness`."""
        return [(key.data, mask) for key, mask in self._selector.select(timeout_s)]

    def close(self) -> None:
        """See `Readiness`."""
        self._selector.close()


class EpollReadiness:
    """On Linux."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._owners: dict[int, Any] = {}
        self._masks = (0, select.EPOLLIN, select.EPOLLOUT, select.EPOLLIN | select.EPOLLOUT)
        # Beside what is wanted, the system tells of broken sockets: reading or writing then says how.
        self._meant = [
            (WRITE if mask & ~select.EPOLLIN else 0) | (READ if mask & ~select.EPOLLOUT else 0) for mask in range(64)
        ]

    def add(self, connection: socket.socket, wanted: int, owner: Any) -> None:
        """See `Readiness`."""
        self._epoll.register(connection, self._masks[wanted])
        self._owners[connection.fileno()] = owner

    def change(self, connection: socket.socket, wanted: int, owner: Any) -> None:
        """See `Readiness`."""
        self._epoll.modify(connection, self._masks[wanted])

    def remove(self, connection: socket.socket) -> None:
        """See `Readiness`."""
        del self._owners[connection.fileno()]
        self._epoll.unregister(connection)

    def wait(self, timeout_s: float | None) -> Iterable[tuple[Any, int]]:
        """See `Readiness`."""
        owners, meant = self._owners, self._meant
        return [(owners[number], meant[mask & 63]) for number, mask in self._epoll.poll(timeout_s)]

    def close(self) -> None:
        """See `Readiness`."""
        self._epoll.close()


def best() -> Readiness:
    """Return the fastest there is."""
    return EpollReadiness() if hasattr(select, "epoll") else SelectorReadiness()
