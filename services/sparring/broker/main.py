"""Broker process. Settings: SPARRING_BROKER_* (see settings.py)."""

from __future__ import annotations

import asyncio
import sys

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.rpc import logs, settings, signals
from sparring.types.errors import SparringError


async def serve(given: BrokerSettings) -> None:
    """Serve until SIGTERM, then drain."""
    stop = signals.stop_on_signal()  # first: a signal must never find no handler
    async with running_broker(given, stop=stop):
        await stop.wait()


def main() -> int:
    """Run the process; returns its exit code."""
    try:
        logs.configure()
        given = settings.load(BrokerSettings)
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    try:
        asyncio.run(serve(given))
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0
