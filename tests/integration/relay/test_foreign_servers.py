"""A server that knows nothing of brokers, behind a splice of ours: found by name, its sessions counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from grpc_health.v1 import health_pb2

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.cli.registering.splicing import keep_spliced
from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.client.stream_session import StreamSession, open_environment
from sparring.rpc.channels import open_channel
from sparring.rpc.tasks import Tasks
from sparring.types.declaration import Component
from sparring.types.errors import DeadlineError, InvalidArgumentError
from sparring.types.frames import EnvironmentStarted, Shutdown, StartEnvironment, Update, Updated
from sparring.types.holding import SessionEventKind
from sparring.types.plan import Grant
from sparring.types.values import Values
from tests.integration.relay.foreign import ForeignServer
from tests.support.eventually import eventually

SERVICE = "environment/counter"
SOON_S = 20.0


@asynccontextmanager
async def registered(server: ForeignServer, dial_out: bool = False) -> AsyncIterator[BrokerClient]:
    """Register a server at a broker of its own for the length of the block."""
    settings = BrokerSettings(address="127.0.0.1:0", heartbeat_s=0.2, drain_s=0.5)
    stop = asyncio.Event()
    async with running_broker(settings) as broker, open_channel(str(broker.address)) as channel, Tasks() as beside:
        beside.start(
            keep_spliced(
                SERVICE, server.address, broker=str(broker.address), dial_out=dial_out, stop=stop, every_s=0.05
            ),
            "register",
        )
        try:
            yield BrokerClient(channel)
        finally:
            stop.set()


async def grant(client: BrokerClient, wait_s: float = SOON_S) -> Grant:
    wish = {"one": SlotWish(SERVICE, "counter")}
    return (await client.acquire(wish, client_id="test", run="run-1", wait_s=wait_s))["one"]


def begun(place: Grant) -> StreamSession[Any, Any]:
    session = open_environment(place, "counter")
    session.send(StartEnvironment(Component("counter", {}), "counter", session_seed=1, episode_seeds=(2,)))
    assert isinstance(session.receive(SOON_S), EnvironmentStarted)
    return session


def counted(session: StreamSession[Any, Any]) -> int:
    session.send(Update(Values(b"")))
    updated = session.receive(SOON_S)
    assert isinstance(updated, Updated)
    assert updated.time is not None
    (ticks,) = updated.time.ticks
    return int(ticks)


@pytest.mark.parametrize("dial_out", [False, True], ids=["reached", "dial-out"])
async def test_its_sessions_go_through_the_splice_up_to_what_it_describes(dial_out: bool) -> None:
    with ForeignServer(capacity=2) as server:
        async with registered(server, dial_out) as client:
            grants = [await grant(client) for _ in range(2)]
            assert {one.address for one in grants} == {""}
            with pytest.raises(DeadlineError):
                await grant(client, wait_s=0.4)
            sessions = [await asyncio.to_thread(begun, one) for one in grants]
            with closing(sessions[0]), closing(sessions[1]):
                assert [await asyncio.to_thread(counted, sessions[0]) for _ in range(3)] == [1, 2, 3]
                assert await asyncio.to_thread(counted, sessions[1]) == 1
                assert server.open == 2
                sessions[1].close()
                third = await asyncio.to_thread(begun, await grant(client))  # the slot is free with its connection
                with closing(third):
                    assert await asyncio.to_thread(counted, third) == 1
                    assert await asyncio.to_thread(counted, sessions[0]) == 4
                    sessions[0].send(Shutdown())
                    await asyncio.to_thread(sessions[0].receive, SOON_S)


async def test_who_gives_a_session_back_ends_it() -> None:
    with ForeignServer(capacity=1) as server:
        async with registered(server) as client:
            held = await grant(client)
            session = await asyncio.to_thread(begun, held)
            with closing(session):
                kinds = [SessionEventKind.OPEN]
                await client.release([held.token])
                async for event in client.watch_sessions([held.token]):
                    kinds.append(event.kind)
                assert kinds[-1] is not SessionEventKind.OPEN
                await eventually(lambda: server.open == 0)
            again = await asyncio.to_thread(begun, await grant(client))
            again.close()


async def test_it_is_found_only_while_it_is_healthy_and_its_sessions_go_on() -> None:
    with ForeignServer(capacity=1) as server:
        async with registered(server) as client:
            session = await asyncio.to_thread(begun, await grant(client))
            with closing(session):
                server.be(health_pb2.HealthCheckResponse.NOT_SERVING)

                async def code(wanted: int) -> bool:
                    return await client.query("mmi.service", SERVICE) == wanted

                await eventually(lambda: code(404))
                assert await asyncio.to_thread(counted, session) == 1
                server.be(health_pb2.HealthCheckResponse.SERVING)
                await eventually(lambda: code(200))
                assert await asyncio.to_thread(counted, session) == 2


async def test_it_does_not_listen_beyond_this_machine_without_a_token() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await keep_spliced(SERVICE, "127.0.0.1:1", broker="127.0.0.1:1", at="0.0.0.0:0", stop=asyncio.Event())
    assert caught.value.reason == "TOKEN_NEEDED"
