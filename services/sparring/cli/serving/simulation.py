"""The simulation service; with plugins, its rollout workers run environments and muscles in their own process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from sparring.host.describing import describe
from sparring.rpc.logs import configure
from sparring.rpc.settings import load
from sparring.simulation.server import main as simulation
from sparring.simulation.server.settings import Settings
from sparring.types.errors import SparringError

SLOT_ENTRY: Final = "sparring.embedded.rollout_slot:make_slot"
_DESCRIBING: Final = "sparring.embedded.describing:answer"
_QUESTIONS: Final = ({"of": "environment", "ask": "announce"}, {"of": "agent", "ask": "announce"})
_TIMEOUT_S: Final = 120.0


def main() -> None:
    """Run the service."""
    configure()
    settings = load(Settings)
    if not settings.plugins:
        asyncio.run(simulation.serve(settings))
        return
    asyncio.run(_serve_inline(load(Settings, slot_entry=SLOT_ENTRY)))


async def _serve_inline(settings: Settings) -> None:
    await simulation.serve(settings, await announced(settings.plugins))


async def announced(plugins: Sequence[str]) -> list[tuple[str, str]]:
    """Return (name, role) of every class that the plugins have, found out in a process of its own."""
    found: list[tuple[str, str]] = []
    for answer in await describe(_DESCRIBING, _QUESTIONS, timeout_s=_TIMEOUT_S, plugins=plugins):
        if isinstance(answer, SparringError):
            raise answer
        found += [(name, role) for name, role in answer["announcements"]]
    return found
