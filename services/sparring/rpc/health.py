"""grpc.health.v1 of one server: a status per service and one for the whole, which watchers see change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVICE: Final = "grpc.health.v1.Health"
WHOLE: Final = ""
"""The name under which the server as a whole is asked for."""

_Status = health_pb2.HealthCheckResponse


class Health:
    """Which services of a server are ready. A name is unknown until it is set; after `close` all are NOT_SERVING."""

    def __init__(self) -> None:
        self._serving: dict[str, bool] = {}
        self._changed = asyncio.Event()
        self._closed = False

    def set(self, name: str, serving: bool) -> None:
        """Say whether a service, or the `WHOLE` server, is ready. Without effect after `close`."""
        if not self._closed and self._serving.get(name) is not serving:
            self._serving[name] = serving
            self._announce()

    def add(self, name: str) -> None:
        """Make a name known as SERVING, unless something was said about it before."""
        if name not in self._serving:
            self.set(name, True)

    def forget(self, name: str) -> None:
        """Make a name unknown again."""
        if self._serving.pop(name, None) is not None:
            self._announce()

    def close(self) -> None:
        """Say NOT_SERVING for all names, for good. Watchers get this as their last message."""
        if not self._closed:
            self._closed = True
            self._serving = dict.fromkeys((WHOLE, *self._serving), False)
            self._announce()

    @property
    def serving(self) -> bool:
        """Whether the server as a whole is ready."""
        return self._serving.get(WHOLE, False)

    @property
    def not_serving(self) -> tuple[str, ...]:
        """The services that are not ready."""
        return tuple(name for name, serving in self._serving.items() if name != WHOLE and not serving)

    def status(self, name: str) -> int | None:
        """Return the status of a service, or None if its name is unknown."""
        serving = self._serving.get(name)
        return None if serving is None else _Status.SERVING if serving else _Status.NOT_SERVING

    async def statuses(self, name: str) -> AsyncIterator[int]:
        """Yield the status now and at each change, until `close`."""
        last = None
        while True:
            changed = self._changed
            status = self.status(name)
            status = _Status.SERVICE_UNKNOWN if status is None else status
            if status != last:
                yield status
                last = status
                continue  # it may have changed while it was sent
            if self._closed:
                return
            await changed.wait()

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class HealthServicer(health_pb2_grpc.HealthServicer):
    """grpc.health.v1 over a `Health`."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Any) -> health_pb2.HealthCheckResponse:
        """Return the status; NOT_FOUND for an unknown name, as the protocol says."""
        status = self._health.status(request.service)
        if status is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"No service {request.service!r} is served here.")
        return health_pb2.HealthCheckResponse(status=status)

    async def Watch(
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """Stream the status at each change. The stream ends when the server drains, after NOT_SERVING."""
        async for status in self._health.statuses(request.service):
            yield health_pb2.HealthCheckResponse(status=status)
