"""A hosting service put together: slots, server and registration, alive for the length of a block."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import sparring
from sparring.client.connector import registered
from sparring.host.pool import SlotPool
from sparring.host.slot_context import SlotConfiguration
from sparring.rpc.mounts import Mount
from sparring.rpc.server import Server, running
from sparring.rpc.settings import ServiceSettings


class HostSettings(ServiceSettings):
    """Settings of a service that hosts author code.

    Attributes:
        slots: How many sessions it holds at once, each in a process of its own.
        slot_address: Where the slots listen, host:port; port 0 takes any. The host part is what others connect to.
        linger_s: How long a session is kept without a stream.
        calls: How many control calls are handled at once.
    """

    slots: int = 4
    slot_address: str = "127.0.0.1:0"
    linger_s: float = 10.0
    calls: int = 4


def slot_configuration(
    settings: HostSettings, entry: str, search_paths: Sequence[str] = (), **options: object
) -> SlotConfiguration:
    """Say how the slots of a service are started."""
    return SlotConfiguration(
        entry=entry,
        address=settings.slot_address,
        plugins=settings.plugins,
        search_paths=tuple(search_paths),
        linger_s=settings.linger_s,
        token=settings.token,
        options=dict(options),
    )


@asynccontextmanager
async def hosting(
    name: str,
    settings: HostSettings,
    pool: SlotPool,
    mounts: Sequence[Mount],
    announcements: Sequence[tuple[str, str]],
    stop: asyncio.Event | None = None,
) -> AsyncIterator[Server]:
    """Host for the length of the block: first the server, then the registration at the broker; the other way round at the end.

    Args:
        name: Of the service, also its name at the broker.
        settings: Of the service.
        pool: Its slots, running.
        mounts: What its listener answers.
        announcements: (name, role) of what it can run.
        stop: See `rpc.server.running`.
    """
    labels = {"host": platform.node(), "pid": str(os.getpid()), "version": sparring.__version__}
    async with (
        running(
            settings.address,
            mounts,
            name=name,
            stop=stop,
            drain_s=settings.drain_s,
            token=settings.token,
            tls=settings.tls,
            http_address=settings.http_address or None,
        ) as server,
        registered(
            broker=settings.broker,
            service=name,
            target=str(server.address),
            token=settings.token,
            calls=settings.calls,
            slots=settings.slots,
            announcements=announcements,
            admission=pool,
            labels=labels,
        ) as connector,
    ):
        pool.on_session_event(connector.session_ended)
        yield server
