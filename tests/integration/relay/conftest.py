"""Brokers with a relay, and a host of environments that is reached in each of the ways there are."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.environment.server.host import environment_host
from sparring.rpc.channels import open_channel
from tests.integration.hosts.brokers import Broker
from tests.integration.hosts.pools import SEARCH, settings
from tests.integration.hosts.sessions import TROUBLE

ANNOUNCED = [(TROUBLE, "environment")]


@dataclass(frozen=True)
class Way:
    """How sessions are reached: the broker's settings, and the host's."""

    name: str
    relay: str = "auto"
    dial_out: bool = False


DIRECT = Way("direct")
RELAYED = Way("relayed", relay="always")
DIAL_OUT = Way("dial-out", dial_out=True)

Serving = Callable[..., AbstractAsyncContextManager[Broker]]


@asynccontextmanager
async def served(way: Way, slots: int = 1, **more: Any) -> AsyncIterator[Broker]:
    """Run a broker and one environment host for the length of the block."""
    given = BrokerSettings(address="127.0.0.1:0", drain_s=1.0, heartbeat_s=0.5, relay=way.relay)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running_broker(given))
        address = str(server.address)
        channel = await stack.enter_async_context(open_channel(address))
        host = settings(slots=slots, broker=address, drain_s=3.0, dial_out=way.dial_out, **more)
        await stack.enter_async_context(environment_host(host, announced=ANNOUNCED, search_paths=SEARCH))
        yield Broker(address, channel)


@pytest.fixture(params=[DIRECT, RELAYED, DIAL_OUT], ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    """Every way."""
    found: Way = request.param
    return found
