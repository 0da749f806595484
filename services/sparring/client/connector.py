"""The connector: a Majordomo worker (7/MDP, 18/MDP) beside a plain gRPC server, which need not know of any broker.

It registers the server at every broker, forwards calls to it, answers offers of sessions, and keeps the leases.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

from sparring.client.access import Access
from sparring.client.broker_addresses import broker_addresses
from sparring.client.broker_link import BrokerLink
from sparring.client.forwarding import Answer, Forwarder
from sparring.client.worker import Admission, NoSlots, Worker
from sparring.rpc.relay.splicer import Splicer
from sparring.rpc.relay.tunnels import Tunnels
from sparring.rpc.tasks import Tasks
from sparring.rpc.tls import Tls
from sparring.types.holding import SessionEvent

__all__ = ["Admission", "Connector", "registered"]

RESOLVE_EVERY_S: Final = 10.0
DRAIN_S: Final = 5.0

_log = logging.getLogger(__name__)


class Connector:
    """Keeps one conversation with each broker that a name leads to. Used by one event loop.

    Attributes:
        worker: Who is registered.
    """

    def __init__(
        self, broker: str, worker: Worker, forwarder: Forwarder, access: Access, tunnels: Tunnels | None = None
    ) -> None:
        self.worker = worker
        self._broker = broker
        self._forwarder = forwarder
        self._access = access
        self._tunnels = tunnels
        self._links: dict[str, BrokerLink] = {}
        self._incarnations = itertools.count(1)
        self._welcomed = asyncio.Event()

    @property
    def registered(self) -> bool:
        """Whether a broker knows this worker now."""
        return any(link.broker_id for link in self._links.values())

    async def wait_registered(self) -> None:
        """Wait until a broker has taken this worker in for the first time; the caller sets the deadline."""
        await self._welcomed.wait()

    def session_ended(self, event: SessionEvent) -> None:
        """Tell every broker what became of a session; one that is not reached now is told when it is."""
        for link in self._links.values():
            link.tell(event)

    async def run(self, resolve_every_s: float) -> None:
        """Hold a conversation with every broker, until cancelled; the name is resolved every so many seconds."""
        async with Tasks() as tasks:
            while True:
                found = await broker_addresses(self._broker)
                for address in self._links.keys() - found:
                    self._links[address].retire()
                for address in found - self._links.keys():
                    tasks.start(self._hold(address), f"broker {address}")
                await asyncio.sleep(resolve_every_s)

    async def leave(self, drain_s: float = DRAIN_S) -> None:
        """Take no more calls, let those that run end, and say goodbye to every broker."""
        await asyncio.gather(*(link.leave(drain_s) for link in self._links.values()))

    async def _hold(self, address: str) -> None:
        link = self._links[address] = BrokerLink(
            address, self._broker, self.worker, self._forwarder, self._access, self._is_double, self._tunnels
        )
        try:
            await link.run(self._incarnations, self._welcomed.set)
        finally:
            del self._links[address]

    def _is_double(self, link: BrokerLink, broker_id: str) -> bool:
        """Tell whether another address leads to the same broker."""
        return any(other.broker_id == broker_id for other in self._links.values() if other is not link)


@contextlib.asynccontextmanager
async def registered(
    *,
    broker: str,
    service: str,
    target: str,
    token: str | None = None,
    tls: Tls | None = None,
    calls: int = 16,
    slots: int = 0,
    slots_unlimited: bool = False,
    endpoint: str | None = None,
    relay: str = "",
    authority: str = "",
    announcements: Sequence[tuple[str, str]] = (),
    admission: Admission | None = None,
    labels: Mapping[str, str] | None = None,
    answer: Answer | None = None,
    reach: Callable[[str], str | None] | None = None,
    tunnels: Tunnels | None = None,
    resolve_every_s: float = RESOLVE_EVERY_S,
) -> AsyncIterator[Connector]:
    """Keep a server registered for the length of the block; brokers may come and go meanwhile.

    At the end no more calls are taken, those that run have 5 s to end, and the sessions that are left are lost.

    Args:
        broker: host:port of the broker; a name may lead to many.
        service: The name under which it is found.
        target: host:port of the server that calls are forwarded to.
        token: The shared token, shown to the broker and to the target.
        tls: None speaks plaintext.
        calls: How many calls it handles at once.
        slots: How many sessions it holds at once.
        slots_unlimited: It holds any number of sessions, all at `endpoint`.
        endpoint: host:port of its sessions, unless the admission says another one.
        relay: host:port of a relay of its own that they are reached through, likewise.
        authority: Name on the certificate of its sessions' ports, where they are reached through a relay.
        announcements: (name, role) of what it can run.
        admission: Who admits sessions; None admits all or none, as `slots_unlimited` says.
        labels: For people.
        answer: Answers MDP requests, which name no method; None refuses them.
        reach: For a worker that only dials out: says where a session is on this machine. None: it is reached.
        tunnels: With `reach`: joins the connections of its sessions; None: as long as the block.
        resolve_every_s: How often the broker's name is resolved anew.
    """
    worker = Worker(
        service=service,
        admission=admission or NoSlots(slots_unlimited),
        calls=calls,
        slots=slots,
        slots_unlimited=slots_unlimited,
        endpoint=endpoint or "",
        relay=relay,
        authority=authority,
        announcements=tuple(announcements),
        labels=dict(labels or {}),
        dial_out=reach is not None,
        reach=reach or (lambda token: None),
    )
    access = Access(token, tls)
    with contextlib.ExitStack() as stack:
        if reach is not None and tunnels is None:
            tunnels = Tunnels(stack.enter_context(Splicer(f"relayed {service}")))
        async with Forwarder(target, access, answer) as forwarder, Tasks() as tasks:
            connector = Connector(broker, worker, forwarder, access, tunnels if reach is not None else None)
            tasks.start(connector.run(resolve_every_s), f"connector of {service}")
            try:
                yield connector
            finally:
                await connector.leave()
