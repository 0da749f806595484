"""Run governor process. Settings: SPARRING_GOVERNOR_* (see settings.py)."""

from __future__ import annotations

import asyncio
import sys

from sparring.governor.serving import running_governor
from sparring.governor.settings import GovernorSettings
from sparring.rpc import logs, settings, signals
from sparring.types.errors import SparringError


async def serve(given: GovernorSettings) -> None:
    """Serve until SIGTERM, then hand over and drain."""
    stop = signals.stop_on_signal()  # first: a signal must never find no handler
    async with running_governor(given, stop=stop):
        await stop.wait()


def main() -> int:
    """Run the process; returns its exit code."""
    try:
        logs.configure()
        given = settings.load(GovernorSettings)
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    try:
        asyncio.run(serve(given))
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0
