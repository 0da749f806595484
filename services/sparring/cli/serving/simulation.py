"""The simulation service; with plugins, its rollout workers run environments and muscles in their own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sparring.agent.server.host import DESCRIBING as AGENTS
from sparring.embedded.local import ROLLOUT_SLOT
from sparring.environment.server.host import DESCRIBING as ENVIRONMENTS
from sparring.host.announcing import announcements
from sparring.host.running import run_host
from sparring.host.settings import HostSettings
from sparring.rpc.server import Server
from sparring.simulation.server.host import simulation_host
from sparring.simulation.server.settings import Settings


def main(**given: Any) -> int:
    """Run the service until SIGTERM, and return its exit code; `given` are settings from the command line."""
    return run_host(Settings, open_host, given)


@asynccontextmanager
async def open_host(settings: HostSettings, *, stop: asyncio.Event | None = None) -> AsyncIterator[Server]:
    """Host rollout workers for the length of the block; see `simulation_host`."""
    if not settings.plugins:
        async with simulation_host(settings, stop=stop) as server:
            yield server
        return
    found = await asyncio.gather(
        announcements(ENVIRONMENTS, settings.plugins, ()), announcements(AGENTS, settings.plugins, ())
    )
    announced = [each for one in found for each in one]
    async with simulation_host(settings, entry=ROLLOUT_SLOT, announced=announced, stop=stop) as server:
        yield server
