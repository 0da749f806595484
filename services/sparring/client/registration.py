"""Registers a standing foreign server, which knows nothing of brokers, for as long as it is healthy."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from sparring.client.access import NO_ACCESS, Access
from sparring.client.connector import registered
from sparring.client.foreign_server import Offer, ask_offer, is_healthy
from sparring.client.spliced_slots import LINGER_S, SplicedSlots
from sparring.rpc.channels import Channel, open_channel
from sparring.types.errors import SparringError
from sparring.types.holding import Admitted, OpenSession, Refused, SessionState

CHECK_EVERY_S: Final = 2.5
SICK_AFTER: Final = 3
"""So many failed checks in a row end a registration."""
HELD_S: Final = 24 * 3600.0
"""A session that nobody gave back for so long is forgotten; the server itself refuses what it has no room for."""

_log = logging.getLogger(__name__)


class GrantedSlots:
    """Admits as many sessions as a server has room for, and forgets them when they are given back.

    The server is advertised itself: what becomes of its sessions is not seen here, and its RESOURCE_EXHAUSTED has the
    last word.

    Args:
        capacity: How many sessions the server holds.
        clock: Seconds, never going back.
    """

    def __init__(self, capacity: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._clock = clock
        self._held: dict[str, tuple[float, OpenSession]] = {}

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Take a session if fewer are out than the server holds."""
        self._forget()
        if token not in self._held and len(self._held) >= self._capacity:
            return Refused("SLOT_TAKEN", f"All {self._capacity} sessions of this server are granted.")
        session = OpenSession(token, SessionState.CONNECTED, component, run)
        self._held[token] = self._clock() + HELD_S, session
        return Admitted()

    def sessions(self) -> Sequence[OpenSession]:
        """Return the sessions that are out."""
        self._forget()
        return [session for _, session in self._held.values()]

    async def withdraw(self, token: str) -> None:
        """Take a session back."""
        self._held.pop(token, None)

    def _forget(self) -> None:
        now = self._clock()
        for token in [token for token, (until, _) in self._held.items() if until < now]:
            del self._held[token]


async def keep_registered(
    *,
    broker: str,
    service: str,
    target: str,
    access: Access = NO_ACCESS,
    labels: dict[str, str] | None = None,
    spliced: SplicedSlots | None = None,
    dial_out: bool = False,
    check_every_s: float = CHECK_EVERY_S,
    on_change: Callable[[Offer | None], None] = lambda offer: None,
) -> None:
    """Keep a server registered while it is healthy, until cancelled; a server that comes back is registered again.

    Args:
        broker: host:port of the broker.
        service: The name under which the server is to be found, for instance `environment/cartpole`.
        target: host:port of the server; without `spliced`, as others reach it: sessions go there directly.
        access: Token and TLS material.
        labels: For people.
        spliced: Stands in front of the server, and is the arbiter of its sessions.
        dial_out: With `spliced`: sessions come by spare connections at the broker's relay.
        check_every_s: How often its health is asked.
        on_change: Told what the server offers when it is registered, and None when it is not any more.
    """
    async with open_channel(target, token=access.token, tls=access.tls, retries=False) as channel:
        while True:
            offer = await _until_there(channel, target, check_every_s)
            if spliced is not None:
                spliced.capacity, spliced.linger_s = offer.capacity, LINGER_S if offer.resume else 0.0
            async with registered(
                broker=broker,
                service=service,
                target=target,
                token=access.token,
                tls=access.tls,
                calls=max(1, offer.capacity),
                slots=offer.capacity,
                endpoint=None if spliced is not None else target,
                relay=spliced.relay if spliced is not None else "",
                announcements=offer.announcements,
                admission=spliced or GrantedSlots(offer.capacity),
                labels=labels,
                reach=spliced.reach if spliced is not None and dial_out else None,
                tunnels=spliced.tunnels if spliced is not None else None,
            ) as connector:
                if spliced is not None:
                    spliced.on_event = connector.session_ended
                on_change(offer)
                await _until_sick(channel, check_every_s)
            _log.warning("%s is not healthy any more; %s is not registered", target, service)
            on_change(None)


async def _until_there(channel: Channel, target: str, check_every_s: float) -> Offer:
    said = ""
    while True:
        try:
            if await is_healthy(channel):
                return await ask_offer(channel, target)
            why = "its health check does not pass"
        except SparringError as error:
            why = error.message
        if why != said:  # once: nobody would know otherwise what it waits for
            _log.warning("%s is not registered: %s", target, why)
            said = why
        await asyncio.sleep(check_every_s)


async def _until_sick(channel: Channel, check_every_s: float) -> None:
    failed = 0
    while failed < SICK_AFTER:
        await asyncio.sleep(check_every_s)
        failed = 0 if await is_healthy(channel) else failed + 1
