"""Two brokers behind one setting: workers are at both, and clients of the one that dies go on with the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.broker_channel import open_broker_channel
from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.client.connector import Connector, registered
from sparring.client.service_calls import ServiceChannel
from sparring.rpc.channels import Channel
from sparring.types.errors import DeadlineError
from sparring.types.holding import OpenSession, SessionEvent, SessionEventKind, SessionState
from tests.support.eventually import eventually
from tests.support.ports import lasting_port
from tests.unit.client.target_service import SERVICE, Slots, Target, targeted

WISH = {"a": SlotWish("environment")}


@contextlib.asynccontextmanager
async def broker_at(address: str) -> AsyncIterator[str]:
    settings = BrokerSettings(address=address, heartbeat_s=0.2, drain_s=0.2, service_wait_s=1.0)
    async with running_broker(settings) as server:
        yield str(server.address)


@dataclass
class Two:
    """Two brokers, of which the first can be ended and begun again, and a worker with one slot."""

    ending: contextlib.AsyncExitStack
    addresses: list[str]
    channel: Channel
    connector: Connector
    slots: Slots
    target: Target

    async def end_first(self) -> None:
        await self.ending.aclose()

    async def begin_first(self) -> None:
        await self.ending.enter_async_context(broker_at(self.addresses[0]))


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    slots = Slots()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(60))
        second = await stack.enter_async_context(broker_at("127.0.0.1:0"))
        ending = await stack.enter_async_context(contextlib.AsyncExitStack())
        first = await ending.enter_async_context(broker_at(f"127.0.0.1:{lasting_port()}"))
        target = await stack.enter_async_context(targeted())
        connector = await stack.enter_async_context(
            registered(
                broker=f"{first},{second}",
                service="environment",
                target=target.address,
                calls=4,
                slots=1,
                endpoint="127.0.0.1:9",
                admission=slots,
            )
        )
        for address in (first, second):
            async with open_broker_channel(address) as channel:
                await eventually(lambda at=channel: listed(at))
        channel = await stack.enter_async_context(open_broker_channel(f"{first},{second}"))
        yield Two(ending, [first, second], channel, connector, slots, target)


async def listed(channel: Channel) -> list[str]:
    """Return the workers that a broker knows."""
    services = await BrokerClient(channel).list_services()
    return [worker.worker_id for service in services for worker in service.workers]


@pytest.mark.obligation(32)
async def test_a_worker_is_registered_at_both_under_one_name(two: Two) -> None:
    for address in two.addresses:
        async with open_broker_channel(address) as channel:
            assert await listed(channel) == [two.connector.worker.worker_id]


@pytest.mark.obligation(32)
async def test_calls_go_on_when_the_broker_is_gone_and_when_it_is_back(two: Two) -> None:
    say = ServiceChannel(two.channel, "environment", retry_safe=True).unary_unary(f"/{SERVICE}/Say")
    assert await say(b"a") == b"aa"
    await two.end_first()
    assert await say(b"b") == b"bb"
    await two.begin_first()
    async with open_broker_channel(two.addresses[0]) as first:
        await eventually(lambda: listed(first), within_s=30)
    assert await say(b"c") == b"cc"


@pytest.mark.obligation(32)
async def test_a_session_that_one_granted_is_watched_and_given_back_at_the_other(two: Two) -> None:
    client = BrokerClient(two.channel)
    granted = await client.acquire(WISH, client_id="g", run="r", wait_s=10)
    token = granted["a"].token
    two.slots.held = [OpenSession(token, SessionState.CONNECTED, "", "r")]
    heard: list[SessionEventKind] = []

    async def watch() -> None:
        async for event in client.watch_sessions([token]):
            heard.append(event.kind)

    watching = asyncio.create_task(watch())
    await eventually(lambda: heard)
    await two.end_first()
    await client.release([token])
    await eventually(lambda: two.slots.withdrawn == [token])
    two.slots.held = []
    two.connector.session_ended(SessionEvent.ended(token))
    await asyncio.wait_for(watching, 30)
    assert heard == [SessionEventKind.OPEN, SessionEventKind.ENDED]


@pytest.mark.obligation(32)
async def test_one_slot_is_not_given_away_twice_by_two_brokers(two: Two) -> None:
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            BrokerClient(await stack.enter_async_context(open_broker_channel(address))) for address in two.addresses
        ]
        granted = await clients[0].acquire(WISH, client_id="g", run="r", wait_s=10)
        two.slots.full = True  # the worker is the arbiter
        with pytest.raises(DeadlineError) as caught:
            await clients[1].acquire(WISH, client_id="h", run="s", wait_s=0.5)
    assert caught.value.reason == "BUNDLE_UNAVAILABLE"
    assert [session.token for session in two.slots.held] == [granted["a"].token]


@pytest.mark.obligation(32)
async def test_a_name_with_several_addresses_leads_to_every_broker_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    known = loop.getaddrinfo

    async def getaddrinfo(host: str, port: Any, **given: Any) -> list[Any]:
        hosts = ("127.0.0.1", "127.0.0.2") if host == "brokers" else (host,)
        return [info for each in hosts for info in await known(each, port, **given)]

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    async with asyncio.timeout(60), contextlib.AsyncExitStack() as stack:
        port = lasting_port("127.0.0.2")
        first = await stack.enter_async_context(broker_at(f"127.0.0.1:{port}"))
        second = await stack.enter_async_context(broker_at(f"127.0.0.2:{port}"))
        worker = await stack.enter_async_context(
            registered(broker=f"brokers:{port}", service="environment", target="127.0.0.1:1")
        )
        for address in (first, second):
            async with open_broker_channel(address) as channel:
                assert await eventually(lambda at=channel: listed(at)) == [worker.worker.worker_id]
