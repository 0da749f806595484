"""The environment service put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sparring.environment.server.servicer import ENTRY, EnvironmentServicer
from sparring.host.announcing import announcements
from sparring.host.pool import SlotPool
from sparring.host.service import HostSettings, hosting, slot_configuration
from sparring.rpc.mounts import mount
from sparring.rpc.server import Server

SLOT = "sparring.environment.server.slot:make_slot"


@asynccontextmanager
async def environment_host(
    settings: HostSettings,
    *,
    announced: Sequence[tuple[str, str]] | None = None,
    search_paths: Sequence[str] = (),
    stop: asyncio.Event | None = None,
) -> AsyncIterator[Server]:
    """Host environments for the length of the block.

    Args:
        settings: Of the service.
        announced: (name, role) of what it can run; None asks the plugins, in a process of its own.
        search_paths: Folders put in front of the import path of author code.
        stop: See `rpc.server.running`.
    """
    if announced is None:
        announced = await announcements(ENTRY, settings.plugins, search_paths)
    pool = SlotPool(slot_configuration(settings, SLOT, search_paths), settings.slots)
    offered = [name for name, role in announced if role == "environment"]
    servicer = EnvironmentServicer(pool, settings.plugins, search_paths, offered)
    async with hosting("environment", settings, pool, [mount(servicer)], announced, stop) as server:
        yield server
