"""Broker, store and governor in one process, over loopback: what a local system is made of besides its hosts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.connector import registered
from sparring.governor.adapters.connection import Describing
from sparring.governor.serving import running_governor
from sparring.governor.settings import GovernorSettings
from sparring.rpc.mounts import mount
from sparring.rpc.server import running
from sparring.store.composition import composed

LOOPBACK = "127.0.0.1:0"
DRAIN_S = 2.0
LEASE_S = 2.0
"""Store and governor live and die together here, so that who resumes a run need not wait long for its old owner."""


@asynccontextmanager
async def control_plane(store: str, describing: Describing) -> AsyncIterator[str]:
    """Run the three for the length of the block; yields the broker's host:port.

    Args:
        store: Folder of the store, or a database URI (then files go to `./sparring-data`).
        describing: Puts the local describer in front of the governor's usual one.
    """
    directory, database = (Path("sparring-data"), store) if "://" in store else (Path(store), "")
    async with AsyncExitStack() as stack:
        settings = BrokerSettings(address=LOOPBACK, http_address="", token_file=None, drain_s=DRAIN_S)
        broker = await stack.enter_async_context(running_broker(settings))
        address = str(broker.address)
        stop = asyncio.Event()
        servicer = await stack.enter_async_context(composed(directory, database=database, stop=stop))
        served = await stack.enter_async_context(
            running(LOOPBACK, [mount(servicer)], name="store", stop=stop, drain_s=DRAIN_S)
        )
        await stack.enter_async_context(
            registered(
                broker=address,
                service="store",
                target=str(served.address),
                calls=64,
                slots_unlimited=True,
                endpoint=str(served.address),
            )
        )
        await stack.enter_async_context(
            running_governor(
                GovernorSettings(
                    address=LOOPBACK,
                    http_address="",
                    token_file=None,
                    broker=address,
                    drain_s=DRAIN_S,
                    lease_s=LEASE_S,
                ),
                describing=describing,
                # Runs that another command left in the same store are resumed by name, never in passing: their
                # classes may not be here.
                asked_only=True,
            )
        )
        yield address
