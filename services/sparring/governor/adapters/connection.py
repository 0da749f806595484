"""The governor's ports, connected: everybody else is found through the broker."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable

import grpc

from sparring.client.access import NO_ACCESS, Access
from sparring.client.broker_channel import open_broker_channel
from sparring.client.broker_client import BrokerClient
from sparring.client.store_client import StoreClient, find_store
from sparring.governor.adapters.broker import BrokerSlots
from sparring.governor.adapters.describer import HostDescriber
from sparring.governor.adapters.rollouts import HostedBrains, HostedRollouts
from sparring.governor.adapters.store import StoredRuns
from sparring.governor.ports import Describer, Ports

Describing = Callable[[Describer], Describer]


@contextlib.asynccontextmanager
async def connected(broker: str, access: Access = NO_ACCESS) -> AsyncIterator[Ports]:
    """Be connected for the length of the block. Nothing is called before it is needed.

    Args:
        broker: host:port of the broker, or of several; see `broker_list`.
        access: Token and TLS material.
    """
    async with open_broker_channel(broker, token=access.token, tls=access.tls) as channel:
        client = BrokerClient(channel)
        async with (
            find_store(client, secrets.token_hex(8), access=access) as store,
            ports_of(channel, client, store, access) as ports,
        ):
            yield ports


@contextlib.asynccontextmanager
async def ports_of(
    channel: grpc.aio.Channel,
    broker: BrokerClient,
    store: StoreClient,
    access: Access,
    describing: Describing | None = None,
) -> AsyncIterator[Ports]:
    """Make the ports of clients that somebody else owns; `describing` may put a describer in front of the usual one."""
    async with HostDescriber(channel, access) as hosts:
        describer = hosts if describing is None else describing(hosts)
        yield Ports(
            broker=BrokerSlots(broker),
            store=StoredRuns(store),
            brains=HostedBrains(access),
            rollouts=HostedRollouts(access),
            describer=describer,
        )
