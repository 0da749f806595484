"""The simulation service; with plugins, its rollout workers run environments and muscles in their own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from sparring.host.describing import describe
from sparring.host.running import run_host
from sparring.host.settings import HostSettings
from sparring.rpc.server import Server
from sparring.simulation.server.host import simulation_host
from sparring.simulation.server.settings import Settings
from sparring.types.errors import SparringError

SLOT_ENTRY: Final = "sparring.embedded.rollout_slot:make_slot"
_DESCRIBING: Final = "sparring.embedded.describing:answer"
_QUESTIONS: Final = ({"of": "environment", "ask": "announce"}, {"of": "agent", "ask": "announce"})
_TIMEOUT_S: Final = 120.0


def main() -> int:
    """Run the service; returns its exit code."""
    return run_host(Settings, hosted, {})


@asynccontextmanager
async def hosted(settings: HostSettings, stop: asyncio.Event | None = None) -> AsyncIterator[Server]:
    """Host rollout workers for the length of the block; see `simulation_host`."""
    if not settings.plugins:
        async with simulation_host(settings, stop=stop) as server:
            yield server
        return
    components = await announced(settings.plugins)
    async with simulation_host(settings, entry=SLOT_ENTRY, announced=components, stop=stop) as server:
        yield server


async def announced(plugins: Sequence[str]) -> list[tuple[str, str]]:
    """Return (name, role) of every class that the plugins have, found out in a process of its own."""
    found: list[tuple[str, str]] = []
    for answer in await describe(_DESCRIBING, _QUESTIONS, timeout_s=_TIMEOUT_S, plugins=plugins):
        if isinstance(answer, SparringError):
            raise answer
        found += [(name, role) for name, role in answer["announcements"]]
    return found
