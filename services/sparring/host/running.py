"""The process of a hosting service, from its settings to its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from sparring.host.plugin_modules import allowed
from sparring.host.polling_check import check_polling
from sparring.host.settings import HostSettings
from sparring.rpc import logs, settings, signals
from sparring.rpc.tasks import Tasks
from sparring.types.errors import SparringError

OpenHost = Callable[..., AbstractAsyncContextManager[Any]]
"""Called with the settings and `stop`; hosts for the length of the block."""


def run_host(kind: type[HostSettings], host: OpenHost, given: Mapping[str, Any]) -> int:
    """Run a service until SIGTERM or SIGINT, drain it, and return the exit code: 0, 1 if it failed, 2 if misused.

    Args:
        kind: Class of its settings.
        host: Opens it.
        given: Settings from the command line, which go before the environment.
    """
    try:
        logs.configure()
        loaded = settings.load(kind, **given)
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    try:
        asyncio.run(_serve(loaded.model_copy(update={"plugins": allowed(loaded.plugins)}), host))
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


async def _serve(given: HostSettings, host: OpenHost) -> None:
    stop = signals.stop_on_signal()  # first: a signal must never find no handler
    opened = False

    async def serve() -> None:
        nonlocal opened
        async with host(given, stop=stop), Tasks() as beside:
            opened = True
            beside.start(check_polling(), "polling check")
            await stop.wait()

    serving = asyncio.create_task(serve(), name="host")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not opened:
            serving.cancel()  # author code that is being imported may take its time
        with contextlib.suppress(*(() if opened else (asyncio.CancelledError,))):
            await serving
    finally:
        stopping.cancel()
