"""Token and TLS go from end to end: the relay sees neither, and lets nobody in who has not got them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.environment.server.host import environment_host
from sparring.rpc.channels import open_channel
from sparring.types.errors import LostError, UnauthenticatedError
from tests.integration.hosts.brokers import Broker
from tests.integration.hosts.pools import SEARCH, settings
from tests.integration.hosts.test_access import CERTIFICATES, access, play
from tests.integration.relay.conftest import ANNOUNCED, DIAL_OUT, RELAYED, Way

TLS = {
    "tls_certificate": CERTIFICATES / "server.pem",
    "tls_key": CERTIFICATES / "server.key",
    "tls_authority": CERTIFICATES / "authority.pem",
}


@asynccontextmanager
async def guarded(way: Way, token_file: Path) -> AsyncIterator[Broker]:
    """Run a broker and a host that ask for the token and speak TLS."""
    given = BrokerSettings(address="127.0.0.1:0", drain_s=1.0, relay=way.relay, token_file=token_file, **TLS)
    mine = access()
    async with AsyncExitStack() as stack:
        address = str((await stack.enter_async_context(running_broker(given))).address)
        channel = await stack.enter_async_context(open_channel(address, token=mine.token, tls=mine.tls))
        host = settings(slots=1, broker=address, drain_s=3.0, dial_out=way.dial_out, token_file=token_file, **TLS)
        await stack.enter_async_context(environment_host(host, announced=ANNOUNCED, search_paths=SEARCH))
        yield Broker(address, channel)


@pytest.mark.parametrize("way", [RELAYED, DIAL_OUT], ids=lambda way: way.name)
async def test_token_and_certificates_are_those_of_the_worker(way: Way, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("secret\n")
    async with guarded(way, token_file) as at:
        grant = await at.grant("environment")
        assert not grant.address
        with pytest.raises((UnauthenticatedError, LostError)):
            await asyncio.to_thread(play, grant, access("another"))
        await asyncio.to_thread(play, grant, access())
