"""The connector: registers a server at every broker, forwards calls to it, answers offers, and keeps the leases.

A Majordomo worker (7/MDP, 18/MDP) beside a plain gRPC server, which need not know that there is a broker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from sparring.client.broker_addresses import broker_addresses
from sparring.client.conversation import Conversation
from sparring.rpc.tasks import Tasks
from sparring.types.holding import Admitted, OpenSession, Refused, SessionEvent

_log = logging.getLogger(__name__)

RESOLVE_EVERY_S: Final = 10.0
FAREWELL_S: Final = 2.0


class Admission(Protocol):
    """Who decides about sessions: the worker is the arbiter of its slots."""

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Take a session to be, or not."""

    def sessions(self) -> Sequence[OpenSession]:
        """Return the sessions that are expected or held."""

    async def withdraw(self, token: str) -> None:
        """End a session, whatever its state."""


class AnySession:
    """Admission of a server that holds any number of sessions, such as the store: all at its own endpoint, none counted."""

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Take it."""
        return Admitted()

    def sessions(self) -> Sequence[OpenSession]:
        """None are counted."""
        return ()

    async def withdraw(self, token: str) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Registration:
    """What a worker says of itself.

    Attributes:
        service: Name under which it is found.
        target: host:port of the server that calls are forwarded to.
        token: The shared token, shown to the broker and to the target.
        calls: How many calls it handles at once.
        slots: How many sessions it holds at once.
        slots_unlimited: It holds any number of sessions, all at `endpoint`.
        endpoint: host:port where sessions are reached, unless an admission says something else.
        announcements: (name, role) of what it can run.
        admission: Who decides about sessions.
        labels: For people.
        worker_id: Its name; one per process and service.
    """

    service: str
    target: str
    token: str | None = None
    calls: int = 16
    slots: int = 0
    slots_unlimited: bool = False
    endpoint: str = ""
    announcements: Sequence[tuple[str, str]] = ()
    admission: Admission = field(default_factory=AnySession)
    labels: Mapping[str, str] = field(default_factory=dict)
    worker_id: str = field(default_factory=lambda: secrets.token_hex(8))


class Connector:
    """Keeps one conversation with each broker. Used by one event loop."""

    def __init__(self, broker: str, registration: Registration) -> None:
        self._broker = broker
        self._registration = registration
        self._conversations: dict[str, Conversation] = {}
        self._registered = asyncio.Event()

    @property
    def registered(self) -> bool:
        """Whether a broker has welcomed this worker, and has not been lost since."""
        return any(one.welcomed for one in self._conversations.values())

    async def wait_registered(self) -> None:
        """Wait until a broker has welcomed this worker for the first time."""
        await self._registered.wait()

    def session_ended(self, event: SessionEvent) -> None:
        """Tell every broker that a session is over."""
        for conversation in self._conversations.values():
            conversation.session_ended(event)

    async def run(self) -> None:
        """Hold a conversation with every broker that the name leads to, until cancelled."""
        async with Tasks() as tasks:
            while True:
                found = await broker_addresses(self._broker)
                for address in found - self._conversations.keys():
                    conversation = Conversation(address, self._registration, self._registered.set)
                    self._conversations[address] = conversation
                    tasks.start(self._hold(address, conversation), f"conversation with broker {address}")
                for address in self._conversations.keys() - found:
                    self._conversations[address].retire()
                await asyncio.sleep(RESOLVE_EVERY_S)

    async def leave(self) -> None:
        """Say goodbye to every broker: no more calls and offers come; open sessions go on."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await asyncio.gather(*(one.leave() for one in self._conversations.values()))

    async def _hold(self, address: str, conversation: Conversation) -> None:
        try:
            await conversation.run()
        finally:
            self._conversations.pop(address, None)


@contextlib.asynccontextmanager
async def registered(
    *,
    broker: str,
    service: str,
    target: str,
    token: str | None = None,
    calls: int = 16,
    slots: int = 0,
    slots_unlimited: bool = False,
    endpoint: str = "",
    announcements: Sequence[tuple[str, str]] = (),
    admission: Admission | None = None,
    labels: Mapping[str, str] | None = None,
) -> AsyncIterator[Connector]:
    """Keep a server registered for the length of the block; see `Registration`. Brokers may come and go meanwhile."""
    registration = Registration(
        service,
        target,
        token,
        calls,
        slots,
        slots_unlimited,
        endpoint,
        announcements,
        admission or AnySession(),
        labels or {},
    )
    connector = Connector(broker, registration)
    async with Tasks() as tasks:
        tasks.start(connector.run(), f"connector of {service}")
        try:
            yield connector
        finally:
            await connector.leave()
