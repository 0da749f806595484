"""Keeps a foreign server registered whose sessions go through this process."""

from __future__ import annotations

import asyncio
import logging

from sparring.cli.access.connection import access
from sparring.client.access import Access
from sparring.client.foreign_server import Offer
from sparring.client.registration import CHECK_EVERY_S, keep_registered
from sparring.client.spliced_slots import spliced_slots
from sparring.rpc.addresses import parse_address
from sparring.rpc.signals import stop_on_signal
from sparring.rpc.tasks import Tasks
from sparring.types.errors import InvalidArgumentError

_log = logging.getLogger(__name__)


async def keep_spliced(
    name: str,
    server: str,
    *,
    broker: str,
    at: str = "127.0.0.1:0",
    dial_out: bool = False,
    insecure: bool = False,
    stop: asyncio.Event | None = None,
    every_s: float = CHECK_EVERY_S,
) -> None:
    """Register a server while its health check passes, until SIGTERM.

    Args:
        name: of the service.
        server: host:port of the server; others need not reach it.
        broker: host:port.
        at: host:port where sessions are taken in.
        dial_out: take them in by connections to the broker's relay instead.
        insecure: listen beyond this machine without a token.
        stop: instead of signals.
        every_s: pause between two checks.

    Raises:
        InvalidArgumentError: BAD_ADDRESS, TOKEN_NEEDED.
        FailedPreconditionError: ADDRESS_NOT_BINDABLE.
    """
    stop = stop or stop_on_signal()
    parse_address(server)
    token, tls = access()
    if not dial_out and not parse_address(at).loopback and token is None and not insecure:
        raise InvalidArgumentError(
            "TOKEN_NEEDED",
            f"Listening at {at} lets other machines in. Name a file with a token in SPARRING_TOKEN_FILE, or say "
            "--insecure if nobody else can reach this network.",
            address=at,
        )

    def tell(offer: Offer | None) -> None:
        if offer is not None:
            _log.info("%s at %s is registered at %s with %d slots", name, server, broker, offer.capacity)

    async with spliced_slots(server, at, dial_out=dial_out) as slots, Tasks() as beside:
        registering = keep_registered(
            broker=broker,
            service=name,
            target=server,
            access=Access(token, tls),
            labels={"registered": "dial-out" if dial_out else "spliced"},
            spliced=slots,
            dial_out=dial_out,
            check_every_s=every_s,
            on_change=tell,
        )
        beside.start(registering, f"registration of {name}")
        await stop.wait()
