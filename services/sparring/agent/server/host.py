"""The agent service put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sparring.agent.server.servicer import ENTRY, BrainServicer, Describer, MuscleServicer
from sparring.host.announcing import announcements
from sparring.host.pool import SlotPool
from sparring.host.service import HostSettings, hosting, slot_configuration
from sparring.rpc.mounts import mount
from sparring.rpc.server import Server

SLOT = "sparring.agent.server.slot:make_slot"


def make_pool(settings: HostSettings, search_paths: Sequence[str] = ()) -> SlotPool:
    """Make the slots; nothing is spawned before they run."""
    return SlotPool(slot_configuration(settings, SLOT, search_paths), settings.slots)


@asynccontextmanager
async def agent_host(
    settings: HostSettings,
    *,
    pool: SlotPool | None = None,
    announced: Sequence[tuple[str, str]] | None = None,
    search_paths: Sequence[str] = (),
    stop: asyncio.Event | None = None,
) -> AsyncIterator[Server]:
    """Host muscles and brains for the length of the block.

    Args:
        settings: Of the service.
        pool: Slots that run already; None makes them.
        announced: (name, role) of what it can run; None asks the plugins, in a process of its own.
        search_paths: Folders put in front of the import path of author code.
        stop: See `rpc.server.running`.
    """
    if announced is None:
        announced = await announcements(ENTRY, settings.plugins, search_paths)
    if pool is None:
        async with make_pool(settings, search_paths).running() as made:
            async with agent_host(
                settings, pool=made, announced=announced, search_paths=search_paths, stop=stop
            ) as server:
                yield server
        return
    describer = Describer(settings.plugins, search_paths, announced)
    mounts = [mount(MuscleServicer(pool, describer)), mount(BrainServicer(pool, describer))]
    async with hosting("agent", settings, pool, mounts, announced, stop) as server:
        yield server
