"""A worker's link to one broker address: conversation after conversation, until the address is given up."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from sparring.api.broker.v1 import broker_service_pb2_grpc as pb_grpc
from sparring.client.access import Access
from sparring.client.broker_addresses import broker_list
from sparring.client.forwarding import Forwarder
from sparring.client.relay_spares import SPARES, SpareConnections
from sparring.client.work_conversation import Goodbye, WorkConversation
from sparring.client.worker import Worker
from sparring.rpc.addresses import parse_address
from sparring.rpc.channels import open_channel
from sparring.rpc.relay.tunnels import Tunnels
from sparring.rpc.tasks import Tasks
from sparring.types.errors import SparringError, UnavailableError
from sparring.types.holding import SessionEvent

FIRST_PAUSE_S: Final = 0.1
MOST_PAUSE_S: Final = 5.0
_EVENTS: Final = 1000
"""Ends of sessions that wait for a broker that is away; it learns from the next Ready what is left."""

_OPTIONS: Final = (
    # A connection of its own, tried at once: the pauses between attempts are ours.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.min_reconnect_backoff_ms", 1000),
)

_log = logging.getLogger(__name__)


class BrokerLink:
    """Registers a worker at one address, again and again, with pauses that grow and are drawn by lot.

    Attributes:
        broker_id: The broker that knows the worker by this link now; empty if none does.
    """

    def __init__(
        self,
        address: str,
        name: str,
        worker: Worker,
        forwarder: Forwarder,
        access: Access,
        is_double: Callable[[BrokerLink, str], bool],
        tunnels: Tunnels | None = None,
    ) -> None:
        """Prepare.

        Args:
            address: Of the broker.
            name: host:port that led to the address: what a certificate is made out to.
            worker: Who is registered.
            forwarder: Carries out calls.
            access: Token and TLS material.
            is_double: Whether another link leads to the same broker, by its id.
            tunnels: Moves the bytes of sessions that come by spare connections; needed for workers that dial out.
        """
        self.broker_id = ""
        self._address = address
        self._name = name
        self._worker = worker
        self._forwarder = forwarder
        self._access = access
        self._is_double = is_double
        self._tunnels = tunnels
        self._events: deque[SessionEvent] = deque(maxlen=_EVENTS)
        self._conversation: WorkConversation | None = None
        self._retired = False
        self._leaving = False

    def tell(self, event: SessionEvent) -> None:
        """Tell the broker what became of a session, now or when it is reached."""
        self._events.append(event)
        if self._conversation is not None:
            self._conversation.tell()

    def retire(self) -> None:
        """End when the conversation does: the name does not lead here any more."""
        self._retired = True

    async def leave(self, drain_s: float) -> None:
        """Say goodbye; no other conversation follows."""
        self._leaving = True
        if self._conversation is not None and self.broker_id:
            await self._conversation.leave(drain_s)

    async def run(self, incarnations: Iterator[int], welcomed: Callable[[], None]) -> None:
        """Converse until retired, left, or cancelled.

        Args:
            incarnations: Numbers of the streams, of all links of this worker.
            welcomed: Called whenever a broker has taken the worker in.
        """
        try:
            await self._run(incarnations, welcomed)
        finally:
            self._worker.relays.pop(self._address, None)

    async def _run(self, incarnations: Iterator[int], welcomed: Callable[[], None]) -> None:
        pause_s = FIRST_PAUSE_S
        known = ""
        while not (self._retired or self._leaving):
            if known and self._is_double(self, known):
                await asyncio.sleep(MOST_PAUSE_S)
                continue
            least_s = 0.0
            try:
                await self._converse(next(incarnations), welcomed)
            except Goodbye as goodbye:
                _log.info("%s at broker %s: %s", self._worker.service, self._address, goodbye)
                least_s = goodbye.retry_after_s
            except SparringError as error:
                level = logging.INFO if isinstance(error, UnavailableError) else logging.WARNING
                _log.log(level, "%s at broker %s: %s", self._worker.service, self._address, error)
            known, self.broker_id = self.broker_id, ""
            pause_s = FIRST_PAUSE_S if known else min(pause_s * 2, MOST_PAUSE_S)
            await self._pause(max(least_s, random.uniform(0, pause_s)))

    async def _converse(self, incarnation: int, welcomed: Callable[[], None]) -> None:
        async with open_channel(
            self._address,
            token=self._access.token,
            tls=self._access.tls,
            retries=False,
            options=(*_OPTIONS, *(() if self._access.tls is None else _certified_as(self._name))),
        ) as channel:
            stub: Any = pb_grpc.BrokerServiceStub(channel)
            stream = stub.Work()
            self._conversation = WorkConversation(stream, self._worker, self._forwarder, self._events)
            async with Tasks() as beside:
                try:
                    await self._conversation.run(incarnation, lambda: self._begin(welcomed, beside))
                finally:
                    self._conversation = None
                    stream.cancel()

    async def _pause(self, pause_s: float) -> None:
        """Wait before the next conversation, unless none follows."""
        if not (self._leaving or self._retired):
            await asyncio.sleep(pause_s)

    def _begin(self, welcomed: Callable[[], None], beside: Tasks) -> None:
        conversation = self._conversation
        assert conversation is not None
        self.broker_id = conversation.broker_id
        if conversation.relay.advertised:
            self._worker.relays[self._address] = conversation.relay.advertised
        relay = conversation.relay
        if self._tunnels is not None and relay.port:
            spares = SpareConnections(
                str(parse_address(self._address).with_port(relay.port)),
                conversation.lease_id,
                relay.key,
                self._worker.reach,
                self._tunnels,
                min(SPARES, relay.max_spares),
            )
            beside.start(spares.run(), f"spare connections at {self._address}")
        elif self._tunnels is not None:
            _log.warning("Broker %s has no relay: %s is not reached there.", self._address, self._worker.service)
        _log.info("%s registered at broker %s", self._worker.service, self._address)
        welcomed()


def _certified_as(name: str) -> tuple[tuple[str, str], ...]:
    """Let a broker that is called by its number show the certificate of its name."""
    name = broker_list(name)[0]
    host = name.rpartition(":")[0].strip("[]")
    return (("grpc.ssl_target_name_override", host), ("grpc.default_authority", name))
