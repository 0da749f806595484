"""The lifetime of a gRPC server, the same for every service: bind, report ready, drain, stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from grpc_reflection.v1alpha import reflection

import sparring
from sparring.rpc import http
from sparring.rpc.addresses import Address, parse_address
from sparring.rpc.health import SERVICE as HEALTH
from sparring.rpc.health import WHOLE, Health, HealthServicer
from sparring.rpc.interceptors import AroundCalls
from sparring.rpc.listener import Listener
from sparring.rpc.metrics import Metrics
from sparring.rpc.mounts import Mount, combined, mount
from sparring.rpc.open_calls import OpenCalls
from sparring.rpc.tasks import Tasks
from sparring.rpc.tls import Tls

_log = logging.getLogger(__name__)
_LAST_GRACE_S: Final = 0.5


@dataclass(frozen=True)
class Server:
    """A server that accepts calls.

    Attributes:
        address: where it listens, with the port that was bound.
        http_port: of `/healthz`, `/readyz` and `/metrics`; None where no HTTP address was given.
        stop: set when the server begins to stop; long streams watch it and end with a frame.
        health: for services whose readiness depends on more than being up.
        metrics: for what the service counts itself.
    """

    address: Address
    http_port: int | None
    stop: asyncio.Event
    health: Health
    metrics: Metrics

    @property
    def port(self) -> int:
        """The gRPC port; 0 for a Unix socket."""
        return self.address.port or 0


@contextlib.asynccontextmanager
async def running(
    address: str,
    mounts: Sequence[Mount],
    *,
    name: str,
    stop: asyncio.Event | None = None,
    drain_s: float = 10.0,
    token: str | None = None,
    tls: Tls | None = None,
    http_address: str | None = None,
    health: Health | None = None,
    metrics: Metrics | None = None,
) -> AsyncIterator[Server]:
    """Serve for the length of the block, with health, reflection, metrics and the interceptor that all services share.

    When `stop` is set, or else at the end of the block, health says NOT_SERVING. At the end of the block new calls are
    refused (UNAVAILABLE, DRAINING), open ones have `drain_s` to end, what is left is cancelled. Health is answered and
    `/healthz` says 503 until then. Several servers may run in one event loop; they share nothing.

    Args:
        address: `host:port` (0 lets the system choose), `[ipv6]:port` or `unix:path`.
        mounts: what is served, see `mounts`.
        name: of the service, for logs and metrics.
        stop: the event of `stop_on_signal`, or one of the caller's; set on exit in any case. Not shared by servers.
        drain_s: how long open calls may go on.
        token: what callers must show, except to the health service.
        tls: None serves plaintext.
        http_address: of the second port; None opens none.
        health: made by a service that sets statuses of its own; by default every mounted service is SERVING at once.
        metrics: made by a service that counts before it serves.

    Raises:
        FailedPreconditionError: ADDRESS_NOT_BINDABLE.
        InvalidArgumentError: BAD_ADDRESS or TLS_INCOMPLETE.
    """
    served = combined(mounts)
    health = health or Health()
    metrics = metrics or Metrics(name)
    stop = stop or asyncio.Event()
    open_calls = OpenCalls(name)
    all_mounts = combined((mount(HealthServicer(health)), _reflection(served.services), served))
    around = AroundCalls(methods=all_mounts.methods, token=token, metrics=metrics, open_calls=open_calls)
    listener = Listener(
        parse_address(address), all_mounts.handlers, around, tls.server_credentials() if tls is not None else None
    )
    async with contextlib.AsyncExitStack() as opened:
        http_port: int | None = None
        if http_address is not None:
            http_port = await opened.enter_async_context(http.serving(parse_address(http_address), health, metrics))
        bound = await listener.open()
        try:
            async with Tasks() as beside:
                beside.start(_keep_open(listener, stop), f"{name} keep_open")
                beside.start(_report_stopping(stop, health), f"{name} report_stopping")
                for service in (*served.services, WHOLE):
                    health.add(service)
                _log.info(
                    "%s %s serves at %s%s, pid %d",
                    name,
                    sparring.__version__,
                    bound,
                    "" if http_port is None else f", health and metrics at port {http_port}",
                    os.getpid(),
                )
                yield Server(bound, http_port, stop, health, metrics)
        finally:
            health.close()
            stop.set()
            try:
                if not await open_calls.drained(drain_s):
                    _log.warning("%s cancels %d calls still open after %g s", name, len(open_calls), drain_s)
            finally:
                await listener.close(_LAST_GRACE_S)
                _log.info("%s has stopped", name)


async def _keep_open(listener: Listener, stop: asyncio.Event) -> None:
    try:
        await listener.keep_open()
    except Exception:
        stop.set()  # a service that nobody can call ends, so that its supervisor starts it again
        raise


async def _report_stopping(stop: asyncio.Event, health: Health) -> None:
    await stop.wait()
    health.close()


def _reflection(services: Sequence[str]) -> Mount:
    return mount(reflection.aio.ReflectionServicer((*services, HEALTH, reflection.SERVICE_NAME)))
