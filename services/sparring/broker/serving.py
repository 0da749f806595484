"""A broker put together: its parts to be mounted on a server, or the whole server, for `main` and for embedding."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final

from sparring.broker.answers import Callers
from sparring.broker.engine import Engine
from sparring.broker.forwarding import Forwarding
from sparring.broker.health import RoutedHealth
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.rules import Rules
from sparring.broker.management import ManagementServicer
from sparring.broker.metrics import BrokerCollector
from sparring.broker.relay.metrics import RelayCollector
from sparring.broker.relay.running import open_port, running_relay
from sparring.broker.scaler import ScalerServicer
from sparring.broker.servicer import BrokerServicer
from sparring.broker.settings import BrokerSettings
from sparring.broker.work_stream import WorkStreams
from sparring.broker.worker_wire import ToWorkerEncoder
from sparring.rpc import server
from sparring.rpc.metrics import Metrics
from sparring.rpc.mounts import Mount, mount, mount_handler
from sparring.rpc.tasks import Tasks

_log = logging.getLogger(__name__)

NAME: Final = "broker"
_SHARE_FOR_CALLS: Final = 0.5
"""Of the drain time: how long calls that are with workers may go on, before all conversations are ended."""


@dataclass(frozen=True)
class BrokerParts:
    """What a server needs to be a broker.

    Attributes:
        mounts: to be given to `server.running`, together with others or alone.
        scaler: one of them, which autoscalers may find at an address of its own as well.
        health: likewise; knows the routed services.
        metrics: likewise.
        engine: carries out what the rules decide.
        majordomo: the rules and the state.
    """

    mounts: tuple[Mount, ...]
    scaler: Mount
    health: RoutedHealth
    metrics: Metrics
    engine: Engine
    majordomo: Majordomo

    async def drain(self, within_s: float) -> None:
        """Send away who waits; let running calls end; say goodbye to the workers, at the deadline to all."""
        self.engine.apply(self.majordomo.drain)
        with contextlib.suppress(TimeoutError), self.engine.observed() as happened:
            async with asyncio.timeout(within_s):
                while not self.majordomo.drained:
                    await happened.wait()
                    happened.clear()
        self.engine.apply(self.majordomo.stop)


@contextlib.asynccontextmanager
async def broker_parts(
    rules: Rules, *, stop: asyncio.Event, relay_at: socket.socket | None = None
) -> AsyncIterator[BrokerParts]:
    """Build a broker for the length of the block.

    Args:
        rules: rates and bounds.
        stop: set when the server begins to stop.
        relay_at: listens for the relay; None: there is none.
    """
    broker_id = secrets.token_hex(8)
    majordomo = Majordomo(rules, broker_id=broker_id, new_token=lambda: secrets.token_hex(16))
    health, metrics = RoutedHealth(), Metrics(NAME)
    engine = Engine(majordomo, health)
    metrics.registry.register(BrokerCollector(majordomo, lambda: engine.now))
    callers = Callers(engine, majordomo)
    scaler = mount(ScalerServicer(engine, majordomo, stop))
    try:
        async with running_relay(relay_at, majordomo, engine, broker_id) as relay:
            if relay is not None:
                metrics.registry.register(RelayCollector(relay))
            encoder = ToWorkerEncoder(rules, broker_id, engine.wall_time, relay)
            workers = WorkStreams(engine, majordomo, encoder)
            mounts = (
                mount(BrokerServicer(engine, majordomo, workers, callers)),
                mount(ManagementServicer(engine, majordomo, stop, relay)),
                scaler,
                mount_handler(Forwarding(callers)),
            )
            yield BrokerParts(mounts, scaler, health, metrics, engine, majordomo)
    finally:
        engine.close()


@contextlib.asynccontextmanager
async def running_broker(
    settings: BrokerSettings, *, stop: asyncio.Event | None = None
) -> AsyncIterator[server.Server]:
    """Serve a broker for the length of the block; when `stop` is set, or at the end of the block, drain it.

    Raises:
        SparringError: see `server.running`.
    """
    stop = stop or asyncio.Event()
    relay_at, relay = open_port(settings)
    rules = replace(settings.rules, relay=relay, relay_always=settings.relay == "always")
    async with broker_parts(rules, stop=stop, relay_at=relay_at) as parts, Tasks() as beside:
        beside.start(_drain_on(stop, parts, settings.drain_s * _SHARE_FOR_CALLS), "broker drain")
        async with server.running(
            settings.address,
            parts.mounts,
            name=NAME,
            stop=stop,
            drain_s=settings.drain_s,
            token=settings.token,
            tls=settings.tls,
            http_address=settings.http_address or None,
            health=parts.health,
            metrics=parts.metrics,
        ) as served:
            if relay:
                _log.info("the relay is at %s", relay)
            if not settings.scaler_address:
                yield served
                return
            async with server.running(settings.scaler_address, [parts.scaler], name=f"{NAME} scaler", drain_s=0.0):
                yield served


async def _drain_on(stop: asyncio.Event, parts: BrokerParts, within_s: float) -> None:
    await stop.wait()
    await parts.drain(within_s)
