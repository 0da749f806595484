"""The joined connections of a relay by the sessions they belong to: counted, bounded, and cut when a session ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final

from sparring.rpc.relay.request import Refusal
from sparring.rpc.relay.splicer import Splice, Splicer

PER_SESSION: Final = 16
"""Connections of one session at once: the streams of all its owners."""
LAST_WORDS_S: Final = 1.0
"""How long a connection goes on after its session has ended: the last answer may be under way."""


class Tunnels:
    """Used by one event loop.

    Args:
        splicer: Moves the bytes.
        per_session: Connections of one session at once.

    Attributes:
        changed: Called with the session whenever a connection has come or gone.
    """

    def __init__(self, splicer: Splicer, per_session: int = PER_SESSION) -> None:
        self._splicer = splicer
        self._per_session = per_session
        self.changed: Callable[[str], None] = lambda session: None
        self._loop = asyncio.get_running_loop()
        self._reserved: Counter[str] = Counter()
        self._splices: dict[str, set[Splice]] = {}

    def __len__(self) -> int:
        return sum(len(splices) for splices in self._splices.values())

    def sessions(self) -> list[str]:
        """Return the sessions that have connections."""
        return list(self._splices)

    def count(self, session: str) -> int:
        """Return how many connections a session has."""
        return len(self._splices.get(session, ()))

    @contextlib.contextmanager
    def room(self, session: str) -> Iterator[None]:
        """Keep room for one more connection of a session during the block.

        Raises:
            Refusal: 503, it has too many.
        """
        if self._reserved[session] + self.count(session) >= self._per_session:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"{self._per_session} connections of this session are open.")
        self._reserved[session] += 1
        try:
            yield
        finally:
            self._reserved[session] -= 1
            if not self._reserved[session]:
                del self._reserved[session]

    def join(self, session: str, left: socket.socket, right: socket.socket, to_left: bytes, to_right: bytes) -> None:
        """Join two connections; see `Splicer.join`."""

        def ended(splice: Splice) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended before the splicer
                self._loop.call_soon_threadsafe(self._forget, session, splice)

        splice = self._splicer.join(left, right, to_left, to_right, ended)
        self._splices.setdefault(session, set()).add(splice)
        self.changed(session)

    def cut(self, session: str, within_s: float = LAST_WORDS_S) -> None:
        """Close the connections of a session, in a moment."""
        for splice in self._splices.get(session, ()):
            self._splicer.cut(splice, within_s)

    def _forget(self, session: str, splice: Splice) -> None:
        left = self._splices.get(session, set())
        left.discard(splice)
        if not left:
            self._splices.pop(session, None)
        self.changed(session)
