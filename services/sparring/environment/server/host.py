"""The environment service put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from sparring.environment.server.defaults import Defaults
from sparring.environment.server.servicer import EnvironmentServicer, sessions
from sparring.host import service
from sparring.host.announcing import announcements
from sparring.host.inquiry import Inquiry
from sparring.host.pool import SlotPool
from sparring.host.service import hosting
from sparring.host.settings import HostSettings
from sparring.rpc.mounts import mount
from sparring.rpc.server import Server

SLOT: Final = "sparring.environment.server.slot:make_slot"
DESCRIBING: Final = "sparring.environment.server.describing:answer"
SERVICE: Final = "environment"


def make_pool(settings: HostSettings, search_paths: Sequence[str] = (), defaults: Defaults | None = None) -> SlotPool:
    """Make the slots; nothing is spawned before they run."""
    return service.make_pool(settings, SLOT, search_paths, (defaults or Defaults()).options)


@asynccontextmanager
async def environment_host(
    settings: HostSettings,
    *,
    pool: SlotPool | None = None,
    announced: Sequence[tuple[str, str]] | None = None,
    search_paths: Sequence[str] = (),
    stop: asyncio.Event | None = None,
    name: str = SERVICE,
    defaults: Defaults | None = None,
    uid: str = "",
) -> AsyncIterator[Server]:
    """Host environments for the length of the block.

    Args:
        settings: Of the service.
        pool: Slots that run already; None makes them.
        announced: (name, role) of what it can run; None asks the plugins, in a process of its own.
        search_paths: Folders put in front of the import path of author code.
        stop: See `rpc.server.running`.
        name: Under which it is found at the broker.
        defaults: What it fills in where a client leaves it open.
        uid: Of this host, for people.
    """
    defaults = defaults or Defaults()
    async with AsyncExitStack() as stack:
        if pool is None:  # first, for processes take time to start
            pool = await stack.enter_async_context(make_pool(settings, search_paths, defaults).running())
        if announced is None:
            announced = await announcements(DESCRIBING, settings.plugins, search_paths)
        offered = [one for one, role in announced if role == "environment"]
        inquiry = Inquiry(DESCRIBING, settings.plugins, search_paths, settings.calls)
        servicer = EnvironmentServicer(pool, sessions(pool, settings), inquiry, offered, defaults)
        yield await stack.enter_async_context(hosting(name, settings, pool, [mount(servicer)], announced, stop, uid))
