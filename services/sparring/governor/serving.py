"""A governor put together: connected, registered at the broker, governing, for the length of a block."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import secrets
from collections.abc import AsyncIterator

import sparring
from sparring.client.access import Access
from sparring.client.broker_channel import open_broker_channel
from sparring.client.broker_client import BrokerClient
from sparring.client.connector import registered
from sparring.client.store_client import find_store
from sparring.governor.adapters.connection import Describing, ports_of
from sparring.governor.desk import Desk
from sparring.governor.fleet import Fleet
from sparring.governor.servicer import GovernorServicer
from sparring.governor.settings import GovernorSettings
from sparring.rpc.mounts import mount
from sparring.rpc.server import Server, running
from sparring.rpc.tasks import Tasks

NAME = "governor"
CALLS = 64


@contextlib.asynccontextmanager
async def running_governor(
    settings: GovernorSettings,
    *,
    stop: asyncio.Event | None = None,
    describing: Describing | None = None,
    asked_only: bool = False,
) -> AsyncIterator[Server]:
    """Govern for the length of the block; at its end runs are handed over to whoever claims them next.

    Args:
        settings: Of the service.
        stop: See `rpc.server.running`.
        describing: Puts a describer in front of the usual one, which asks hosts.
        asked_only: See `Fleet`.

    Raises:
        SparringError: See `rpc.server.running`.
    """
    stop = stop or asyncio.Event()
    access = Access(settings.token, settings.tls)
    labels = {"host": platform.node(), "pid": str(os.getpid()), "version": sparring.__version__}
    async with contextlib.AsyncExitStack() as stack:
        channel = open_broker_channel(settings.broker, token=access.token, tls=access.tls)
        await stack.enter_async_context(channel)
        broker = BrokerClient(channel)
        store = await stack.enter_async_context(find_store(broker, secrets.token_hex(8), access=access))
        ports = await stack.enter_async_context(ports_of(channel, broker, store, access, describing))
        fleet = Fleet(
            ports,
            runs=settings.runs,
            look_every_s=settings.look_every_s,
            limits=settings.limits,
            plugins=settings.plugins,
            asked_only=asked_only,
        )
        server = await stack.enter_async_context(
            running(
                settings.address,
                [mount(GovernorServicer(Desk(ports, fleet), fleet, store, stop))],
                name=NAME,
                stop=stop,
                drain_s=settings.drain_s,
                token=settings.token,
                tls=settings.tls,
                http_address=settings.http_address or None,
            )
        )
        connector = await stack.enter_async_context(
            registered(
                broker=settings.broker,
                service=NAME,
                target=str(server.address),
                token=settings.token,
                tls=settings.tls,
                calls=CALLS,
                labels=labels,
            )
        )
        fleet.worker = connector.worker
        tasks = await stack.enter_async_context(Tasks())
        stack.push_async_callback(fleet.leave, settings.drain_s)
        tasks.start(fleet.run(), "runs")
        yield server
