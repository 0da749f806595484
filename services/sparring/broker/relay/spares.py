"""The spare connections of workers that only dial out: kept until a session needs one, dropped when they break."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from http import HTTPStatus
from typing import Final

from sparring.rpc.relay.request import Refusal

PER_WORKER: Final = 16
WAIT_S: Final = 5.0
"""How long a session waits for a connection: the worker is about to dial another one."""


class Spares:
    """Used by one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._kept: dict[str, deque[socket.socket]] = {}
        self._waiting: dict[str, deque[asyncio.Future[socket.socket]]] = {}

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._kept.values())

    def count(self, lease_id: str) -> int:
        """Return how many connections of a lease are kept."""
        return len(self._kept.get(lease_id, ()))

    def leases(self) -> list[str]:
        """Return the leases that have connections here."""
        return list(self._kept)

    def check_room(self, lease_id: str) -> None:
        """Refuse one connection too many.

        Raises:
            Refusal: 503.
        """
        if self.count(lease_id) >= PER_WORKER:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"{PER_WORKER} spare connections of this worker are kept.")

    def keep(self, lease_id: str, connection: socket.socket) -> None:
        """Keep a connection, or give it to who waits for it."""
        for waiting in self._waiting.get(lease_id, ()):
            if not waiting.done():
                waiting.set_result(connection)
                return
        self._kept.setdefault(lease_id, deque()).append(connection)
        # It has nothing to say before it is asked: what can be read is its end, or nonsense.
        self._loop.add_reader(connection, self._drop, lease_id, connection)

    async def take(self, lease_id: str, within_s: float = WAIT_S) -> socket.socket:
        """Return a connection, the one kept the shortest.

        Raises:
            Refusal: 503, there is none.
        """
        kept = self._kept.get(lease_id)
        if kept:
            connection = kept.pop()
            self._release(lease_id, connection)
            return connection
        waiting: asyncio.Future[socket.socket] = self._loop.create_future()
        queue = self._waiting.setdefault(lease_id, deque())
        queue.append(waiting)
        try:
            async with asyncio.timeout(within_s):
                return await waiting
        except TimeoutError:
            if waiting.done() and not waiting.cancelled():
                return waiting.result()  # in the very last moment
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The worker keeps no spare connection here now.") from None
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                waiting.result().close()
            raise
        finally:
            queue.remove(waiting)
            if not queue:
                self._waiting.pop(lease_id, None)

    def forget(self, lease_id: str) -> None:
        """Close the connections of a lease."""
        for connection in tuple(self._kept.get(lease_id, ())):
            self._drop(lease_id, connection)

    def close(self) -> None:
        """Close all of them."""
        for lease_id in self.leases():
            self.forget(lease_id)

    def _drop(self, lease_id: str, connection: socket.socket) -> None:
        self._kept[lease_id].remove(connection)
        self._release(lease_id, connection)
        connection.close()

    def _release(self, lease_id: str, connection: socket.socket) -> None:
        self._loop.remove_reader(connection)
        if not self._kept[lease_id]:
            del self._kept[lease_id]
