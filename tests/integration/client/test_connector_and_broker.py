"""Connector, broker client and a real broker together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.broker_client import BrokerClient, SlotWish, Waiting
from sparring.client.connector import Connector, registered
from sparring.client.service_calls import ServiceChannel
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.server import Server
from sparring.types.errors import DeadlineError, NotFoundError, UnavailableError
from sparring.types.holding import OpenSession, SessionEvent, SessionEventKind, SessionState
from tests.support.eventually import eventually
from tests.unit.client.target_service import SERVICE, Slots, Target, targeted

COMPONENT = "module:Class"


@contextlib.asynccontextmanager
async def broker_at(address: str) -> AsyncIterator[Server]:
    settings = BrokerSettings(address=address, heartbeat_s=0.2, drain_s=0.5, service_wait_s=1.0)
    async with running_broker(settings) as server:
        yield server


@pytest.fixture
async def broker() -> AsyncIterator[Server]:
    async with broker_at("127.0.0.1:0") as broker:
        yield broker


@pytest.fixture
async def channel(broker: Server) -> AsyncIterator[Channel]:
    async with open_channel(str(broker.address), retries=False) as channel:
        yield channel


@pytest.fixture
async def client(channel: Channel) -> BrokerClient:
    return BrokerClient(channel)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    async with targeted() as target:
        yield target


@pytest.fixture
async def slots() -> Slots:
    return Slots()


@pytest.fixture
async def connector(broker: Server, target: Target, slots: Slots) -> AsyncIterator[Connector]:
    async with (
        asyncio.timeout(60),
        registered(
            broker=str(broker.address),
            service="environment",
            target=target.address,
            calls=4,
            slots=2,
            endpoint="127.0.0.1:9",
            announcements=[(COMPONENT, "environment")],
            admission=slots,
        ) as connector,
    ):
        await connector.wait_registered()
        yield connector


async def acquire(client: BrokerClient, *labels: str, wait_s: float = 10.0, component: str = COMPONENT) -> list[str]:
    wishes = {label: SlotWish("environment", component) for label in labels}
    grants = await client.acquire(wishes, client_id="governor", run="run-1", wait_s=wait_s)
    assert {grant.address for grant in grants.values()} == {"127.0.0.1:5"}
    return [grants[label].token for label in labels]


async def test_calls_reach_a_service_by_its_name(connector: Connector, channel: Channel, target: Target) -> None:
    service = ServiceChannel(channel, "environment", client_id="tester", retry_safe=True)
    assert await service.unary_unary(f"/{SERVICE}/Say")(b"ab", metadata=(("x-request-id", "r-7"),)) == b"abab"
    assert target.metadata["x-request-id"] == "r-7"
    counted = [message async for message in service.unary_stream(f"/{SERVICE}/Count")(b"5")]
    assert counted == [b"0", b"1", b"2", b"3", b"4"]
    with pytest.raises(NotFoundError) as caught:
        await service.unary_unary(f"/{SERVICE}/Refuse")(b"")
    assert (caught.value.reason, caught.value.metadata) == ("THING_UNKNOWN", {"thing": "x"})


async def test_a_caller_that_gives_up_frees_the_worker(
    connector: Connector, channel: Channel, target: Target, client: BrokerClient
) -> None:
    waiting = asyncio.ensure_future(ServiceChannel(channel, "environment").unary_unary(f"/{SERVICE}/Wait")(b""))
    await eventually(lambda: target.begun)
    waiting.cancel()
    await asyncio.wait_for(target.cancelled.wait(), 10)

    async def free() -> bool:
        (service,) = await client.list_services()
        return service.workers[0].busy_calls == 0

    await eventually(free)


async def test_a_service_that_nobody_serves_is_unavailable(channel: Channel) -> None:
    with pytest.raises(UnavailableError):
        await ServiceChannel(channel, "nobody").unary_unary(f"/{SERVICE}/Say")(b"", timeout=10)


async def test_a_bundle_is_granted_whole_and_released(connector: Connector, client: BrokerClient, slots: Slots) -> None:
    tokens = await acquire(client, "a", "b")
    assert sorted(tokens) == sorted(token for token, _, _ in slots.asked)
    places: list[Waiting] = []
    with pytest.raises(DeadlineError) as caught:
        await client.acquire(
            {"c": SlotWish("environment")}, client_id="g", run="r", wait_s=0.5, on_waiting=places.append
        )
    assert caught.value.reason == "BUNDLE_UNAVAILABLE"
    assert places
    await client.release(tokens)
    await eventually(lambda: sorted(slots.withdrawn) == sorted(tokens))
    slots.held.clear()
    for token in tokens:
        connector.session_ended(SessionEvent.ended(token))
    assert len(await acquire(client, "d", "e")) == 2


async def test_a_component_that_nobody_announced_is_unknown(connector: Connector, client: BrokerClient) -> None:
    with pytest.raises(NotFoundError) as caught:
        await acquire(client, "a", component="module:Other")
    assert caught.value.reason == "COMPONENT_UNKNOWN"


async def test_the_holder_hears_what_becomes_of_its_sessions(
    connector: Connector, client: BrokerClient, slots: Slots
) -> None:
    one, two = await acquire(client, "a", "b")
    heard: list[SessionEvent] = []

    async def watch() -> None:
        async for event in client.watch_sessions([one, two]):
            heard.append(event)

    watching = asyncio.create_task(watch())
    await eventually(lambda: len(heard) == 2)
    assert {event.kind for event in heard} == {SessionEventKind.OPEN}
    slots.held.clear()
    connector.session_ended(SessionEvent.hung(one, "DEADLINE_PASSED", "update did not return"))
    connector.session_ended(SessionEvent.ended(two))
    await asyncio.wait_for(watching, 10)
    assert {(event.token, event.kind) for event in heard[2:]} == {
        (one, SessionEventKind.HUNG),
        (two, SessionEventKind.ENDED),
    }


async def test_after_a_restart_of_the_broker_everything_goes_on(target: Target) -> None:
    slots = Slots()
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(contextlib.AsyncExitStack())
        address = str((await first.enter_async_context(broker_at("127.0.0.1:0"))).address)
        channel = await stack.enter_async_context(open_channel(address))
        client = BrokerClient(channel)
        await stack.enter_async_context(
            registered(
                broker=address,
                service="environment",
                target=target.address,
                slots=2,
                endpoint="127.0.0.1:9",
                announcements=[(COMPONENT, "environment")],
                admission=slots,
            )
        )
        (token,) = await acquire(client, "a")
        slots.held = [OpenSession(token, SessionState.CONNECTED, COMPONENT, "run-1")]
        heard: list[SessionEvent] = []

        async def watch() -> None:
            async for event in client.watch_sessions([token]):
                heard.append(event)

        watching = asyncio.create_task(watch())
        await eventually(lambda: heard)
        await first.aclose()
        await stack.enter_async_context(broker_at(address))
        (other,) = await acquire(client, "b", wait_s=30)
        assert other != token
        slots.held = []
        watched = [event.kind for event in heard]
        assert watched == [SessionEventKind.OPEN]
        await asyncio.wait_for(watching, 30)
        assert heard[-1].kind is SessionEventKind.LOST
        assert await ServiceChannel(channel, "environment").unary_unary(f"/{SERVICE}/Say")(b"x") == b"xx"


async def test_who_is_there_can_be_asked_and_watched(
    broker: Server, client: BrokerClient, target: Target, channel: Channel
) -> None:
    assert await client.query("mmi.service", "agent") == 404
    assert await client.query("mmi.nothing", "") == 501
    seen: list[list[str]] = []

    async def watch() -> None:
        async for services in client.watch_services():
            seen.append([service.name for service in services if service.workers])

    watching = asyncio.create_task(watch())

    async def answer(body: bytes) -> bytes:
        return body.upper()

    async with registered(
        broker=str(broker.address), service="agent", target=target.address, answer=answer, labels={"host": "here"}
    ):
        await eventually(lambda: seen and seen[-1] == ["agent"])
        assert await client.query("mmi.service", "agent") == 200
        (service,) = await client.list_services()
        assert dict(service.workers[0].labels) == {"host": "here"}
        assert [body async for body in client.call("agent", b"hello")] == [b"HELLO"]
    await eventually(lambda: seen[-1] == [])
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
