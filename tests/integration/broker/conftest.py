"""A broker on a port of its own for each test, and channels to it."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.server import Server
from tests.integration.broker.raw_worker import raw_channel


@pytest.fixture
def settings() -> BrokerSettings:
    """Return what the broker of the test is started with; modules override it."""
    return BrokerSettings(address="127.0.0.1:0", drain_s=2.0)


@pytest.fixture
def stop() -> asyncio.Event:
    """Return the event that stops the broker."""
    return asyncio.Event()


@pytest.fixture
async def broker(settings: BrokerSettings, stop: asyncio.Event) -> AsyncIterator[Server]:
    """Serve a broker."""
    async with running_broker(settings, stop=stop) as server:
        yield server


@pytest.fixture
async def raw(broker: Server) -> AsyncIterator[grpc.aio.Channel]:
    """Open a channel for workers."""
    async with raw_channel(broker) as channel:
        yield channel


@pytest.fixture
async def channel(broker: Server) -> AsyncIterator[Channel]:
    """Open a channel for clients."""
    async with open_channel(str(broker.address), retries=False) as channel:
        yield channel
