"""Keeps a foreign server registered while it is healthy."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Final

from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.cli.access.connection import access
from sparring.client.connector import registered
from sparring.rpc.addresses import parse_address
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.signals import stop_on_signal
from sparring.types.errors import SparringError

EVERY_S: Final = 2.0
TIMEOUT_S: Final = 5.0
PATIENCE: Final = 3
"""A server is away once so many checks in a row have failed."""

_log = logging.getLogger(__name__)


async def keep_registered(
    name: str,
    server: str,
    *,
    broker: str,
    calls: int,
    stop: asyncio.Event | None = None,
    every_s: float = EVERY_S,
) -> None:
    """Register a server while its health check passes, until SIGTERM.

    Args:
        name: of the service.
        server: host:port; it is what others connect to.
        broker: host:port.
        calls: how many calls the server takes at once.
        stop: instead of signals.
        every_s: pause between two checks.

    Raises:
        InvalidArgumentError: BAD_ADDRESS.
    """
    stop = stop or stop_on_signal()
    parse_address(server)
    async with open_channel(server, retries=False) as channel:
        health = _Health(channel)
        while not stop.is_set():
            if not await health.passes():
                _log.info("%s at %s is not registered: %s", name, server, health.said)
                await _wait(stop, every_s)
                continue
            token, tls = access()
            async with registered(
                broker=broker,
                service=name,
                target=server,
                token=token,
                tls=tls,
                calls=calls,
                slots_unlimited=True,
                endpoint=server,
                labels={"registered": "direct"},
            ):
                _log.info("%s at %s is registered at %s", name, server, broker)
                await health.watch(stop, every_s)
            _log.info("%s at %s is not registered any more: %s", name, server, health.said)


class _Health:
    """Asks a server how it is.

    Attributes:
        said: the last answer, for people.
    """

    def __init__(self, channel: Channel) -> None:
        self.said = ""
        self._stub: Any = health_pb2_grpc.HealthStub(channel)

    async def passes(self) -> bool:
        """Ask once."""
        try:
            answer = await self._stub.Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_S)
        except SparringError as error:
            self.said = error.message
            return False
        self.said = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def watch(self, stop: asyncio.Event, every_s: float) -> None:
        """Return once several checks in a row have failed, or at `stop`."""
        failures = 0
        while failures < PATIENCE and not await _wait(stop, every_s):
            failures = 0 if await self.passes() else failures + 1


async def _wait(stop: asyncio.Event, seconds: float) -> bool:
    """Wait; whether it is time to stop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
