"""The slots of a foreign server behind a CONNECT splice of ours: admitted by token, known by their connections."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from sparring.rpc.addresses import Address
from sparring.rpc.relay.entrance import Bounds, entrance, listen
from sparring.rpc.relay.request import ACCEPTED, CONNECT, Refusal, Request
from sparring.rpc.relay.sockets import dial, say
from sparring.rpc.relay.splicer import Splicer
from sparring.rpc.relay.tunnels import Tunnels
from sparring.rpc.tasks import Tasks
from sparring.types.holding import Admitted, OpenSession, Refused, SessionEvent, SessionState

LINGER_S: Final = 10.0
"""How long a session without a connection is kept whose server takes Attach."""
EXPECT_MOST_S: Final = 300.0
"""How long a session may be expected at most, whatever the clock of the broker shows."""
_LOOK_S: Final = 0.1
_ANY: Final = ("0.0.0.0", "::")


@dataclass(slots=True)
class _Held:
    """A session; `until` is when it ends without a connection (`time.monotonic`)."""

    component: str
    run: str
    until: float
    state: SessionState = SessionState.EXPECTED


class SplicedSlots:
    """Admits as many sessions as a server has room for: the arbiter. Used by one event loop.

    Args:
        target: host:port of the server.
        tunnels: Moves the bytes.
        relay: host:port where we take connections in for it; empty if it is reached by spare connections.

    Attributes:
        capacity: How many sessions it holds; 0 until it has said so.
        linger_s: How long a session is kept without a connection.
        on_event: Told what became of a session.
    """

    def __init__(self, target: str, tunnels: Tunnels, relay: str = "") -> None:
        self.capacity = 0
        self.linger_s = 0.0
        self.relay = relay
        self.tunnels = tunnels
        tunnels.changed = self._changed
        self.on_event: Callable[[SessionEvent], None] = lambda event: None
        self._target = target
        self._held: dict[str, _Held] = {}

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Take a session if there is room."""
        if token not in self._held:
            if len(self._held) >= self.capacity:
                return Refused("SLOT_TAKEN", f"All {self.capacity} sessions of this server are taken.")
            for_s = min(EXPECT_MOST_S, max(1.0, expires_s - time.time()))
            self._held[token] = _Held(component, run, time.monotonic() + for_s)
        return Admitted(relay=self.relay)

    def sessions(self) -> Sequence[OpenSession]:
        """Return the sessions that are expected or held."""
        return [
            OpenSession(token, held.state, held.component, held.run, relay=self.relay)
            for token, held in self._held.items()
        ]

    async def withdraw(self, token: str) -> None:
        """End a session, whatever its state."""
        if self._held.pop(token, None) is not None:
            self.tunnels.cut(token, 0.0)
            self.on_event(SessionEvent.ended(token))

    def reach(self, token: str) -> str | None:
        """Return where a session is, for connections that come another way; None if it is none of ours."""
        return self._target if token in self._held else None

    async def serve(self, request: Request, connection: socket.socket) -> None:
        """Join a connection to the server.

        Raises:
            Refusal: It shows no session that we expect or hold.
        """
        if request.method != CONNECT:
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "A session is reached by CONNECT.")
        if not hmac.compare_digest(request.password, request.target):
            raise Refusal(HTTPStatus.FORBIDDEN, "The credential is not that of the session.")
        if request.target not in self._held:
            raise Refusal(HTTPStatus.NOT_FOUND, "There is no such session, or not any more.")
        with self.tunnels.room(request.target):
            server = await dial(self._target)
            try:
                await say(connection, ACCEPTED)
                if request.target not in self._held:
                    raise ConnectionAbortedError("The session was given back meanwhile.")
            except BaseException:
                server.close()
                raise
            self.tunnels.join(request.target, connection, server, b"", request.early)

    async def watch(self) -> None:
        """End sessions that have been without a connection for too long; until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            now = time.monotonic()
            for token, held in tuple(self._held.items()):
                if held.state is not SessionState.CONNECTED and held.until <= now:
                    del self._held[token]
                    self.on_event(SessionEvent.ended(token))

    def _changed(self, token: str) -> None:
        held = self._held.get(token)
        if held is None:
            return
        if self.tunnels.count(token):
            held.state = SessionState.CONNECTED
        else:
            held.state, held.until = SessionState.SUSPENDED, time.monotonic() + self.linger_s


@contextlib.asynccontextmanager
async def spliced_slots(
    target: str, at: str = "127.0.0.1:0", *, dial_out: bool = False, bounds: Bounds | None = None
) -> AsyncIterator[SplicedSlots]:
    """Stand in front of a server for the length of the block.

    Args:
        target: host:port of the server.
        at: host:port where connections are taken in.
        dial_out: Take none in: they come by spare connections.
        bounds: What is allowed where they are taken in.

    Raises:
        FailedPreconditionError: ADDRESS_NOT_BINDABLE.
    """
    with Splicer(f"splice to {target}") as splicer:
        slots = SplicedSlots(target, Tunnels(splicer))
        async with contextlib.AsyncExitStack() as stack:
            beside = await stack.enter_async_context(Tasks())
            if not dial_out:
                listener, bound = listen(at)
                host = socket.gethostbyname(socket.gethostname()) if bound.host in _ANY else bound.host
                slots.relay = str(Address(host, bound.port))
                count = slots.tunnels.__len__
                await stack.enter_async_context(entrance(listener, slots.serve, count, bounds or Bounds()))
            beside.start(slots.watch(), "sessions by their connections")
            yield slots
