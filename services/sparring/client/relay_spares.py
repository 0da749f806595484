"""The spare connections of a worker that only dials out: kept at one broker's relay, each used once, then replaced."""

from __future__ import annotations

import asyncio
import hmac
import logging
import random
import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from sparring.rpc.relay.request import ACCEPTED, CONNECT, SPARE, Refusal, Request, encode_request
from sparring.rpc.relay.sockets import HEAD_S, ask, dial, read_request, refuse, say
from sparring.rpc.relay.tunnels import Tunnels
from sparring.rpc.tasks import Tasks

SPARES: Final = 4
FIRST_PAUSE_S: Final = 0.05
MOST_PAUSE_S: Final = 5.0

_log = logging.getLogger(__name__)


class SpareConnections:
    """Keeps connections at a relay until cancelled; those in use go on.

    Args:
        address: host:port of the relay.
        lease_id: Of the registration at its broker.
        key: The secret of the lease.
        reach: Returns host:port of a session's step port; None for one that is not ours.
        tunnels: Moves the bytes of those in use.
        count: How many are kept.
    """

    def __init__(
        self,
        address: str,
        lease_id: str,
        key: str,
        reach: Callable[[str], str | None],
        tunnels: Tunnels,
        count: int = SPARES,
    ) -> None:
        self._address = address
        self._request = encode_request(SPARE, lease_id, "lease", key)
        self._reach = reach
        self._tunnels = tunnels
        self._count = count

    async def run(self) -> None:
        """Keep them."""
        async with Tasks() as joining, asyncio.TaskGroup() as keeping:
            for number in range(self._count):
                keeping.create_task(self._keep(joining), name=f"spare connection {number}")

    async def _keep(self, joining: Tasks) -> None:
        """Keep one at a time, with pauses that grow and are drawn by lot while the relay is away."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                connection, early = await self._dial()
            except Refusal as refusal:
                _log.debug("no spare connection at %s: %s", self._address, refusal)
                await asyncio.sleep(random.uniform(pause_s / 2, pause_s))
                pause_s = min(2 * pause_s, MOST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            if not await self._used(connection, early, joining):
                await asyncio.sleep(random.uniform(0, FIRST_PAUSE_S))

    async def _dial(self) -> tuple[socket.socket, bytes]:
        connection = await dial(self._address)
        try:
            return connection, await ask(connection, self._request, HEAD_S)
        except BaseException:
            connection.close()
            raise

    async def _used(self, connection: socket.socket, early: bytes, joining: Tasks) -> bool:
        """Wait until the relay uses a connection; whether it did."""
        try:
            request = await read_request(connection, None, early)
        except Refusal:  # it was closed, or is no relay
            connection.close()
            return False
        except BaseException:
            connection.close()
            raise
        joining.start(self._join(connection, request), "join a session")
        return True

    async def _join(self, connection: socket.socket, request: Request) -> None:
        taken = False
        try:
            slot = await self._slot(request)
            try:
                await say(connection, ACCEPTED)
                if self._reach(request.target) is None:
                    raise ConnectionAbortedError("The session was given back meanwhile.")
            except BaseException:
                slot.close()
                raise
            self._tunnels.join(request.target, connection, slot, b"", request.early)
            taken = True
        except Refusal as refusal:
            await refuse(connection, refusal)
        except OSError:
            pass  # the relay went away meanwhile
        finally:
            if not taken:
                connection.close()

    async def _slot(self, request: Request) -> socket.socket:
        if request.method != CONNECT or not hmac.compare_digest(request.target, request.password):
            raise Refusal(HTTPStatus.FORBIDDEN, "A session is reached by CONNECT, with its token as credential.")
        address = self._reach(request.target)
        if address is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "This worker holds no such session.")
        return await dial(address)
