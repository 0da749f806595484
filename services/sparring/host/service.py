"""A hosting service put together: slots, server and registration, alive for the length of a block."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import sparring
from sparring.client.connector import registered
from sparring.host.pool import END_S, SlotPool
from sparring.host.settings import HostSettings
from sparring.host.slot_context import SlotConfiguration
from sparring.host.slot_metrics import SlotCollector
from sparring.rpc.health import WHOLE, Health
from sparring.rpc.metrics import Metrics
from sparring.rpc.mounts import Mount
from sparring.rpc.server import Server, running
from sparring.rpc.tasks import Tasks

__all__ = ["HostSettings", "hosting", "make_pool", "slot_configuration"]

_LOOK_S: Final = 1.0


def slot_configuration(
    settings: HostSettings, entry: str, search_paths: Sequence[str] = (), options: Mapping[str, Any] | None = None
) -> SlotConfiguration:
    """See `HostSettings.slot_configuration`."""
    return settings.slot_configuration(entry, search_paths, options)


def make_pool(
    settings: HostSettings,
    entry: str,
    search_paths: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    *,
    inside: bool = False,
) -> SlotPool:
    """Make the slots of a service; nothing is spawned before they run. See `HostSettings` and `SlotPool`."""
    configuration = settings.slot_configuration(entry, search_paths, options)
    return SlotPool(configuration, settings.slots, inside=inside, advertised=settings.slot_host)


@asynccontextmanager
async def hosting(
    name: str,
    settings: HostSettings,
    pool: SlotPool,
    mounts: Sequence[Mount],
    announcements: Sequence[tuple[str, str]],
    stop: asyncio.Event | None = None,
    uid: str = "",
) -> AsyncIterator[Server]:
    """Host for the length of the block: first the server, then the registration at the broker.

    At the end nobody is admitted any more, open sessions have `drain_s` to end, and then all slots end, within it.

    Args:
        name: Of the service, also its name at the broker.
        settings: Of the service.
        pool: Its slots, running.
        mounts: What its listener answers.
        announcements: (name, role) of what it can run.
        stop: See `rpc.server.running`.
        uid: Of this host, for people.
    """
    labels = {"host": platform.node(), "pid": str(os.getpid()), "version": sparring.__version__}
    if uid:
        labels["uid"] = uid
    health, metrics = Health(), Metrics(name)
    metrics.registry.register(SlotCollector(pool))
    async with (
        running(
            settings.address,
            mounts,
            name=name,
            stop=stop,
            drain_s=min(settings.drain_s, 1.0),  # what is open here is either short or the session of a slot
            token=settings.token,
            tls=settings.tls,
            http_address=settings.http_address or None,
            health=health,
            metrics=metrics,
        ) as server,
        registered(
            broker=settings.broker,
            service=name,
            target=str(server.address),
            token=settings.token,
            tls=settings.tls,
            calls=settings.calls,
            slots=len(pool.slots),
            announcements=announcements,
            admission=pool,
            labels=labels,
            authority=settings.slot_host if settings.dial_out else "",
            reach=pool.address_of if settings.dial_out else None,
        ) as connector,
        Tasks() as beside,
    ):
        beside.start(_report(pool, health), f"{name} readiness")
        forget = pool.on_session_event(connector.session_ended)
        try:
            yield server
        finally:
            began = time.monotonic()
            server.stop.set()
            end_s = min(END_S, settings.drain_s / 2)
            await pool.drained(settings.drain_s - end_s)
            await pool.close(max(0.0, min(end_s, began + settings.drain_s - time.monotonic())))
            forget()


async def _report(pool: SlotPool, health: Health) -> None:
    """Be ready as long as slots can start."""
    while True:
        health.set(WHOLE, not pool.failure)
        await asyncio.sleep(_LOOK_S)
