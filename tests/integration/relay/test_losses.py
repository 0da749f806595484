"""What is lost on the way to a session, and what comes back."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.access import NO_ACCESS, open_session_channel, open_session_sync_channel
from sparring.client.connector import registered
from sparring.client.ways import proxy_name
from sparring.environment.server.host import environment_host
from sparring.rpc.channels import open_channel
from sparring.rpc.server import running
from sparring.types.plan import Grant
from tests.integration.hosts.brokers import Broker
from tests.integration.hosts.pools import SEARCH, settings
from tests.integration.hosts.sessions import begun, shut_down, update
from tests.integration.relay.conftest import ANNOUNCED, DIAL_OUT, RELAYED, Way, served
from tests.support.eventually import eventually


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def broker_at(address: str, relay_address: str, way: Way) -> AsyncIterator[Broker]:
    """Run a broker at an address, with its relay at another."""
    given = BrokerSettings(address=address, relay_address=relay_address, relay=way.relay, drain_s=0.1, heartbeat_s=0.5)
    async with running_broker(given) as server, open_channel(str(server.address)) as channel:
        yield Broker(str(server.address), channel)


@pytest.mark.parametrize("way", [RELAYED, DIAL_OUT], ids=lambda way: way.name)
async def test_a_session_comes_back_through_the_next_broker(way: Way) -> None:
    address, relay_address = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    host = settings(slots=1, broker=address, drain_s=3.0, linger_s=15.0, dial_out=way.dial_out)
    async with environment_host(host, announced=ANNOUNCED, search_paths=SEARCH):
        async with broker_at(address, relay_address, way) as at:
            grant = await at.grant("environment")
            session = await asyncio.to_thread(begun, grant)
            assert await asyncio.to_thread(update, session) == 1
        with closing(session):
            async with broker_at(address, relay_address, way):
                assert await asyncio.to_thread(update, session) == 2
                assert await asyncio.to_thread(update, session) == 3
                await asyncio.to_thread(shut_down, session)


@pytest.mark.parametrize("way", [RELAYED, DIAL_OUT], ids=lambda way: way.name)
async def test_a_session_goes_on_through_another_broker_when_its_own_is_gone(way: Way) -> None:
    async with AsyncExitStack() as first, AsyncExitStack() as rest:
        one = await first.enter_async_context(broker_at("127.0.0.1:0", "127.0.0.1:0", way))
        two = await rest.enter_async_context(broker_at("127.0.0.1:0", "127.0.0.1:0", way))
        brokers = f"{one.address},{two.address}"
        host = settings(slots=1, broker=brokers, drain_s=3.0, linger_s=15.0, dial_out=way.dial_out)
        await rest.enter_async_context(environment_host(host, announced=ANNOUNCED, search_paths=SEARCH))

        async def known() -> bool:
            return all([await at.client.query("mmi.service", "environment") == 200 for at in (one, two)])

        await eventually(known)
        grant = await one.grant("environment")
        assert len(grant.relays) == 1
        session = await asyncio.to_thread(begun, grant)
        with closing(session):
            assert await asyncio.to_thread(update, session) == 1
            await first.aclose()
            assert await asyncio.to_thread(update, session) == 2
            await asyncio.to_thread(shut_down, session)


@pytest.mark.parametrize(
    ("relays", "name"),
    [
        (["relay.example:7010"], "relay.example:7010"),
        (["127.0.0.1:7010", "127.0.0.2:7010", "127.0.0.1:7010"], "ipv4:127.0.0.1:7010,127.0.0.2:7010"),
        (["[::1]:7010", "[::1]:7011"], "ipv6:[::1]:7010,[::1]:7011"),
        (["[::1]:7010", "127.0.0.1:7010"], "ipv4:127.0.0.1:7010"),
        (["nonsense", "127.0.0.1:7010"], "ipv4:127.0.0.1:7010"),
        (["nonsense", "more nonsense"], "nonsense"),
    ],
)
def test_several_relays_are_one_proxy_of_several_numbers(relays: list[str], name: str) -> None:
    assert proxy_name(relays) == name


def nobody_there(grant: Grant) -> Grant:
    """The same session, with an address that nobody can reach."""
    return replace(grant, address=f"127.0.0.1:{free_port()}")


async def test_where_the_worker_cannot_be_reached_the_relay_is_taken() -> None:
    async with served(Way("auto")) as at:
        grant = await at.grant("environment")
        assert grant.address
        assert grant.relay
        session = await asyncio.to_thread(begun, nobody_there(grant))
        with closing(session):
            assert await asyncio.to_thread(update, session) == 1
            await asyncio.to_thread(shut_down, session)


async def test_calls_to_a_service_of_any_number_of_sessions_take_the_relay_as_well() -> None:
    request = health_pb2.HealthCheckRequest()
    async with (
        broker_at("127.0.0.1:0", "127.0.0.1:0", Way("auto")) as at,
        running("127.0.0.1:0", [], name="store", drain_s=0.0) as server,
        registered(
            broker=at.address,
            service="store",
            target=str(server.address),
            slots_unlimited=True,
            endpoint=str(server.address),
        ),
    ):
        grant = nobody_there(await at.grant("store"))
        async with open_session_channel(grant, NO_ACCESS) as channel:
            answer = await health_pb2_grpc.HealthStub(channel).Check(request)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with open_session_sync_channel(grant, NO_ACCESS) as other:
            answer = await asyncio.to_thread(health_pb2_grpc.HealthStub(other).Check, request)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
