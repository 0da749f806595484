"""Bundles, sessions and what becomes of them, over real gRPC."""

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc, grant_pb2
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel, open_channel
from sparring.types.errors import DeadlineError, InvalidArgumentError, NotFoundError
from tests.integration.broker.raw_worker import RawWorker, raw_channel

Kind = grant_pb2.SessionEvent.Kind
ENDPOINT = grant_pb2.Endpoint(address="127.0.0.1:7777")


def stub(channel: grpc.aio.Channel) -> Any:
    return broker_service_pb2_grpc.BrokerServiceStub(channel)


def bundle(*services: str, component: str = "", **request: Any) -> pb.AcquireRequest:
    slots = [
        grant_pb2.SlotRequest(label=str(place), service=service, component=component)
        for place, service in enumerate(services)
    ]
    return pb.AcquireRequest(client_id="c", run="run-1", bundle=grant_pb2.Bundle(slots=slots), **request)


async def acquire(channel: Channel, request: pb.AcquireRequest, timeout: float = 10) -> list[pb.AcquireResponse]:
    return [response async for response in stub(channel).Acquire(request, timeout=timeout)]


async def events(call: Any, count: int) -> list[tuple[str, int]]:
    """Read so many events of a watch."""
    found = []
    async with asyncio.timeout(10):
        for _ in range(count):
            event = (await call.read()).event
            found.append((event.token, event.kind))
    return found


async def test_a_bundle_is_granted_with_endpoints_and_expiry(raw: grpc.aio.Channel, channel: Channel) -> None:
    environment = await RawWorker(raw).ready("environment", "e", slots=1)
    agent = await RawWorker(raw).ready("agent", "a", slots=1, endpoint=ENDPOINT)
    waiting = asyncio.create_task(acquire(channel, bundle("environment", "agent")))
    token = await environment.admit("127.0.0.1:1234")
    offer = await agent.hear("offer")
    assert (offer.run, offer.component) == ("run-1", "")
    await agent.say(admitted=pb.Admitted(token=offer.token))
    (response,) = await waiting
    grants = response.granted.grants
    assert (grants["0"].token, grants["0"].endpoint.address) == (token, "127.0.0.1:1234")
    assert (grants["1"].worker_id, grants["1"].endpoint.address) == ("a", "127.0.0.1:7777")
    assert len(token) == 32
    assert abs(grants["1"].expires.ToMilliseconds() - offer.expires.ToMilliseconds()) < 1000


async def test_the_position_is_told_and_a_client_that_goes_leaves_the_queue(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready("environment", slots=1)
    holding = asyncio.create_task(acquire(channel, bundle("environment")))
    token = await worker.admit()
    await holding
    first = stub(channel).Acquire(bundle("environment"), timeout=30)
    told = (await first.read()).waiting
    assert (told.position, list(told.lacking)) == (0, ["environment: 0 of 1 slots free"])
    second = stub(channel).Acquire(bundle("environment"), timeout=30)
    assert (await second.read()).waiting.position == 1
    first.cancel()
    assert (await second.read()).waiting.position == 0
    await worker.say(session_ended=pb.SessionEnded(event=grant_pb2.SessionEvent(token=token, kind=Kind.KIND_ENDED)))
    granted = await worker.admit()
    assert (await second.read()).granted.grants["0"].token == granted


async def test_a_client_that_goes_during_the_offers_leaves_no_slot_taken(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    environment = await RawWorker(raw).ready("environment", "e", slots=1)
    agent = await RawWorker(raw).ready("agent", "a", slots=1)
    call = stub(channel).Acquire(bundle("environment", "agent"), timeout=30)
    token = await environment.admit()
    await agent.hear("offer")
    call.cancel()
    assert (await environment.hear("withdraw")).token == token
    await agent.hear("withdraw")


async def test_waiting_in_vain_says_what_is_lacking(channel: Channel) -> None:
    with pytest.raises(DeadlineError) as caught:
        await acquire(channel, bundle("environment"), timeout=2)
    assert caught.value.reason == "BUNDLE_UNAVAILABLE"
    assert caught.value.metadata == {"lacking": "environment: no worker is registered"}


async def test_an_unknown_component_is_not_found(raw: grpc.aio.Channel, channel: Channel) -> None:
    announced = [pb.Announcement(name="m:C", role="environment")]
    await RawWorker(raw).ready("environment", slots=1, announcements=announced)
    with pytest.raises(NotFoundError) as caught:
        await acquire(channel, bundle("environment", component="m:Typo"))
    assert caught.value.reason == "COMPONENT_UNKNOWN"
    assert caught.value.metadata["announced"] == "m:C"


@pytest.mark.parametrize("request_", [bundle(), bundle("no name"), bundle("x", grant_lifetime={"seconds": 0})])
async def test_a_bundle_that_makes_no_sense_is_refused(channel: Channel, request_: pb.AcquireRequest) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await acquire(channel, request_)
    assert caught.value.reason == "BUNDLE_INVALID"


async def granted(raw: grpc.aio.Channel, channel: Channel) -> tuple[RawWorker, str]:
    worker = await RawWorker(raw).ready("environment", slots=1)
    waiting = asyncio.create_task(acquire(channel, bundle("environment")))
    token = await worker.admit()
    await waiting
    return worker, token


@pytest.mark.parametrize("kind", [Kind.KIND_ENDED, Kind.KIND_LOST, Kind.KIND_HUNG])
async def test_the_holder_is_told_what_becomes_of_its_session(
    raw: grpc.aio.Channel, channel: Channel, kind: Any
) -> None:
    worker, token = await granted(raw, channel)
    watch = stub(channel).WatchSessions(pb.WatchSessionsRequest(tokens=[token]), timeout=30)
    assert await events(watch, 1) == [(token, Kind.KIND_OPEN)]
    await worker.say(session_ended=pb.SessionEnded(event=grant_pb2.SessionEvent(token=token, kind=kind)))
    assert await events(watch, 1) == [(token, kind)]
    assert await watch.read() is grpc.aio.EOF


async def test_release_withdraws_and_may_be_repeated(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker, token = await granted(raw, channel)
    for _ in range(2):
        await stub(channel).Release(pb.ReleaseRequest(tokens=[token, "never heard of"]), timeout=5)
    assert (await worker.hear("withdraw")).token == token


@pytest.mark.obligation(32)
async def test_a_restarted_broker_learns_of_sessions_and_its_clients_notice_nothing() -> None:
    settings = BrokerSettings(address="127.0.0.1:0", heartbeat_s=0.5, drain_s=0.5)
    async with running_broker(settings) as first:
        port = first.port
        async with raw_channel(first) as raw, open_channel(f"127.0.0.1:{port}", retries=False) as channel:
            _, token = await granted(raw, channel)
    settings = BrokerSettings(address=f"127.0.0.1:{port}", heartbeat_s=0.5, drain_s=0.5)
    async with (
        running_broker(settings) as second,
        raw_channel(second) as raw,
        open_channel(f"127.0.0.1:{port}", retries=False) as channel,
    ):
        watch = stub(channel).WatchSessions(pb.WatchSessionsRequest(tokens=[token, "unknown"]), timeout=30)
        session = grant_pb2.OpenSession(token=token, state=grant_pb2.OpenSession.STATE_CONNECTED)
        worker = await RawWorker(raw).ready("environment", slots=1, incarnation=2, sessions=[session])
        worker.sessions = [session]
        async with worker.beating(0.2):
            assert await events(watch, 2) == [(token, Kind.KIND_OPEN), ("unknown", Kind.KIND_LOST)]
        waiting = await acquire_now(channel, ["environment"])
        assert list(waiting.waiting.lacking) == ["environment: 0 of 1 slots free"]


async def acquire_now(channel: Channel, services: Sequence[str]) -> pb.AcquireResponse:
    call = stub(channel).Acquire(bundle(*services), timeout=30)
    try:
        response: pb.AcquireResponse = await call.read()
        return response
    finally:
        call.cancel()


async def test_a_worker_with_unlimited_slots_grants_at_once(raw: grpc.aio.Channel, channel: Channel) -> None:
    await RawWorker(raw).ready("store", slots_unlimited=True, endpoint=ENDPOINT)
    (response,) = await acquire(channel, bundle(*["store"] * 20))
    assert {grant.endpoint.address for grant in response.granted.grants.values()} == {"127.0.0.1:7777"}
    assert len({grant.token for grant in response.granted.grants.values()}) == 20
