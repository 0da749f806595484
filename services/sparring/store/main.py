"""Store process. Settings: SPARRING_STORE_* (see settings.py)."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from typing import Any

import sparring
from sparring.client.access import Access
from sparring.client.connector import registered
from sparring.rpc import logs, server, settings, signals
from sparring.rpc.mounts import mount
from sparring.store.composition import composed
from sparring.store.settings import StoreSettings
from sparring.store.titanic.composition import dispatching, keeping
from sparring.types.errors import SparringError


async def serve(given: StoreSettings) -> None:
    """Build the object graph, serve until SIGTERM, drain."""
    stop = signals.stop_on_signal()  # first: a signal must never find no handler
    async with (
        keeping(given.directory, database=given.database, stop=stop) as titanic,
        composed(given.directory, database=given.database, stop=stop, group_s=given.group_s) as servicer,
        server.running(
            given.address,
            [mount(servicer), mount(titanic.servicer)],
            name="store",
            stop=stop,
            drain_s=given.drain_s,
            token=given.token,
            tls=given.tls,
            http_address=given.http_address or None,
        ) as served,
        registered(
            broker=given.broker,
            service="store",
            target=str(served.address),
            token=given.token,
            tls=given.tls,
            calls=given.calls,
            slots_unlimited=True,
            endpoint=given.endpoint or str(served.address),
            labels={"host": platform.node(), "pid": str(os.getpid()), "version": sparring.__version__},
        ),
        dispatching(titanic, broker=given.broker, target=str(served.address), access=Access(given.token, given.tls)),
    ):
        await stop.wait()


def main(**given: Any) -> int:
    """Run the process; `given` are settings from the command line. Returns its exit code."""
    try:
        logs.configure()
        loaded = settings.load(StoreSettings, **given)
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    try:
        asyncio.run(serve(loaded))
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0
