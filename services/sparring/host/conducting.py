"""Runs a host in the thread that calls, as the conductors do: for one configuration, until it is told to stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from sparring.rpc.signals import stop_on_signal
from sparring.types.declaration import Component
from sparring.types.errors import InvalidArgumentError

OpenHost = Callable[[asyncio.Event], AbstractAsyncContextManager[Any]]
"""Hosts for the length of the block; given what stops it."""


class Conducting:
    """One host.

    Args:
        service: The name under which it is found at the broker.
        open_host: Opens it.
    """

    def __init__(self, service: str, open_host: OpenHost) -> None:
        self.service = service
        self._open_host = open_host
        self._changed = threading.Lock()
        self._stopped = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def run(self) -> None:
        """Host until `stop`; in the main thread, also until SIGTERM or SIGINT.

        Raises:
            SparringError: It could not start.
        """
        asyncio.run(self._serve())

    def stop(self) -> None:
        """Let `run` return, from any thread; also one that comes later."""
        with self._changed:
            self._stopped = True
            if self._running is not None:
                loop, stop = self._running
                loop.call_soon_threadsafe(stop.set)

    async def _serve(self) -> None:
        main = threading.current_thread() is threading.main_thread()
        stop = stop_on_signal() if main else asyncio.Event()
        with self._changed:
            if self._stopped:
                return
            self._running = asyncio.get_running_loop(), stop
        try:
            async with self._open_host(stop):
                await stop.wait()
        finally:
            with self._changed:
                self._running = None


def component(configuration: Mapping[str, Any], ours: str) -> Component:
    """Read `name` and `params` of a configuration in palaestrAI's form.

    Args:
        configuration: The mapping.
        ours: The package of ours that stands for palaestrAI's of the same last name: `sparring.environment`.

    Raises:
        InvalidArgumentError: CONFIGURATION_INVALID.
    """
    name, params = configuration.get("name", ""), configuration.get("params") or {}
    if not isinstance(name, str) or ":" not in name or not isinstance(params, Mapping):
        raise InvalidArgumentError(
            "CONFIGURATION_INVALID", f"A class is named by `name: module:Class` and `params`, not by {configuration!r}."
        )
    theirs = ours.replace("sparring.", "palaestrai.", 1)
    module, _, kind = name.partition(":")
    if module == theirs or module.startswith(f"{theirs}."):
        module = ours
    return Component(f"{module}:{kind}", dict(params))


def modules(*components: Component | None) -> tuple[str, ...]:
    """Return the modules of some classes, each once."""
    return tuple(dict.fromkeys(one.name.partition(":")[0] for one in components if one is not None))


def broker_of(configuration: Mapping[str, Any]) -> str | None:
    """Return host:port of `broker_uri`, whatever stands before `://`; None where it is not given."""
    uri = str(configuration.get("broker_uri") or "")
    return uri.rpartition("://")[2] or None
