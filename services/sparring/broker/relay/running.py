"""A relay put together: its port, its thread, and the rules it asks; alive for the length of a block."""

from __future__ import annotations

import contextlib
import logging
import resource
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from sparring.broker.engine import Engine
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.relay.relay import Books, Relay
from sparring.broker.settings import BrokerSettings
from sparring.rpc.addresses import Address
from sparring.rpc.relay.entrance import Bounds, entrance, listen
from sparring.rpc.relay.splicer import Splicer
from sparring.rpc.tasks import Tasks
from sparring.types.errors import FailedPreconditionError

_DESCRIPTORS: Final = 2
"""What one joined connection needs: two ends."""
_OTHERS: Final = 512
_LEAST: Final = 16

_log = logging.getLogger(__name__)


def open_port(settings: BrokerSettings) -> tuple[socket.socket | None, str]:
    """Listen for the relay, if there is to be one.

    Returns:
        What listens, and host:port by which others reach it.

    Raises:
        FailedPreconditionError: ADDRESS_NOT_BINDABLE, the address that was asked for is taken.
    """
    if settings.relay == "never":
        return None, ""
    wanted = settings.relay_wanted
    try:
        listener, bound = listen(str(wanted))
    except FailedPreconditionError as error:
        if settings.relay_address:
            raise
        _log.warning("%s Another port is taken: open sessions through the relay will not survive a restart.", error)
        listener, bound = listen(str(Address(wanted.host, 0)))
    return listener, settings.relay_name(bound)


def _bounds() -> Bounds:
    """Return how many connections there is room for: the broker's own calls need file descriptors, too."""
    usual = Bounds()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OTHERS + _DESCRIPTORS * usual.connections
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):  # the system has a bound of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
        room = max(_LEAST, (soft - _OTHERS) // _DESCRIPTORS)
        return replace(usual, connections=min(usual.connections, room), requests=min(usual.requests, room))
    return usual


@contextlib.asynccontextmanager
async def running_relay(
    listener: socket.socket | None, majordomo: Majordomo, engine: Engine, broker_id: str, bounds: Bounds | None = None
) -> AsyncIterator[Relay | None]:
    """Serve a relay for the length of the block; the listener and all connections are closed with it.

    Args:
        listener: Its port; None: there is no relay.
        majordomo: Knows sessions and workers.
        engine: Tells that something has happened.
        broker_id: Name of this broker's life.
        bounds: What the port allows; None: the usual ones.
    """
    if listener is None:
        yield None
        return
    port = listener.getsockname()[1]
    with Splicer("relay") as splicer, engine.observed() as happened:
        books = Books(majordomo.rules, majordomo.session, majordomo.worker, majordomo.worker_named)
        relay = Relay(books, splicer, broker_id, port, happened, majordomo.rules.lease_s)
        async with (
            Tasks() as beside,
            entrance(listener, relay.serve, relay.connections, bounds or _bounds(), relay.refused),
        ):
            beside.start(relay.sweep(), "relay sweep")
            try:
                yield relay
            finally:
                relay.close()
