"""`sparring register --direct`: a server is a service for as long as it is healthy."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from typer.testing import CliRunner

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.cli.access.connection import Connection, connected
from sparring.cli.main import app
from sparring.cli.registering.registrar import keep_registered
from sparring.rpc.health import WHOLE, Health
from sparring.rpc.server import Server, running
from tests.support.eventually import eventually
from tests.unit.rpc.echo import echo


@contextlib.asynccontextmanager
async def registering(server: Server, broker: str) -> AsyncIterator[None]:
    stop = asyncio.Event()
    address = str(server.address)
    work = asyncio.create_task(
        keep_registered("environment/foreign", address, broker=broker, calls=2, stop=stop, every_s=0.02)
    )
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await work


@pytest.fixture
async def broker() -> AsyncIterator[str]:
    async with running_broker(BrokerSettings(address="127.0.0.1:0", drain_s=0)) as served:
        yield str(served.address)


@pytest.fixture
async def connection(broker: str) -> AsyncIterator[Connection]:
    async with connected(broker) as found:
        yield found


async def addresses(connection: Connection) -> list[str]:
    return [worker.endpoint.address for each in await connection.services() for worker in each.workers]


async def test_a_healthy_server_is_registered_until_it_is_told_to_stop(broker: str, connection: Connection) -> None:
    async with running("127.0.0.1:0", [echo()], name="foreign", drain_s=0) as server:
        async with registering(server, broker):
            found = await eventually(lambda: addresses(connection))
            assert found == [str(server.address)]
            (service,) = await connection.services()
            assert (service.name, service.workers[0].slots_unlimited) == ("environment/foreign", True)
        assert await eventually(lambda: nobody(connection))


async def nobody(connection: Connection) -> bool:
    return await addresses(connection) == []


async def test_a_server_that_is_not_well_is_registered_once_it_is(broker: str, connection: Connection) -> None:
    health = Health()
    async with running("127.0.0.1:0", [echo()], name="foreign", drain_s=0, health=health) as server:
        health.set(WHOLE, False)
        async with registering(server, broker):
            health.set(WHOLE, True)
            assert await eventually(lambda: addresses(connection))
            health.set(WHOLE, False)
            assert await eventually(lambda: nobody(connection))


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--direct", "--dial-out"], "--direct"), (["--dial-out", "--listen", "127.0.0.1:0"], "listens nowhere")],
)
def test_options_that_exclude_each_other_are_wrong_usage(options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["register", "environment/foreign", "127.0.0.1:50051", *options])
    assert result.exit_code == 2
    assert said in result.stderr
