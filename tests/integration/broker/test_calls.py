"""MDP calls over real gRPC."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc, management_service_pb2, management_service_pb2_grpc
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.server import Server
from sparring.types.errors import (
    AbortedError,
    DeadlineError,
    InvalidArgumentError,
    NotFoundError,
    SparringError,
    UnavailableError,
)
from tests.integration.broker.raw_worker import RawWorker
from tests.support.eventually import eventually


@pytest.fixture
def settings() -> BrokerSettings:
    return BrokerSettings(address="127.0.0.1:0", drain_s=1.0, service_wait_s=0.2)


def stub(channel: grpc.aio.Channel) -> Any:
    return broker_service_pb2_grpc.BrokerServiceStub(channel)


async def unary(channel: Channel, body: bytes = b"?", *, service: str = "echo", **request: Any) -> bytes:
    message = pb.CallUnaryRequest(call=pb.CallRequest(service=service, body=body, **request))
    return bytes((await stub(channel).CallUnary(message, timeout=10)).body)


async def stream(channel: Channel, **request: Any) -> AsyncIterator[tuple[bool, bytes]]:
    async for response in stub(channel).Call(pb.CallRequest(service="echo", **request), timeout=10):
        yield response.final, response.body


@pytest.mark.obligation(2)
async def test_workers_clients_and_managers_use_one_port(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(unary(channel, b"body"))
    request = await worker.answer()
    assert await running == b"!"
    assert request.body == b"body"
    assert await unary(channel, b"echo", service="mmi.service") == b"200"
    manager: Any = management_service_pb2_grpc.ManagementServiceStub(channel)
    query = management_service_pb2.QueryRequest(name="mmi.service", body="echo")
    assert (await manager.Query(query, timeout=5)).code == 200


@pytest.mark.obligation(1)
async def test_a_worker_learns_nothing_of_where_the_client_is(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(unary(channel))
    request = await worker.answer()
    await running
    assert "127.0.0.1" not in str(request)


@pytest.mark.obligation(16)
async def test_a_request_has_a_name_a_deadline_and_an_attempt(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(unary(channel))
    request = await worker.answer()
    await running
    assert request.request_id
    assert request.method == ""
    assert request.attempt == 1
    assert 8 < request.timeout.ToMilliseconds() / 1000 < 10.2  # gRPC rounds up


@pytest.mark.obligation(17)
async def test_partial_replies_come_as_they_are_sent_and_the_stream_ends_after_the_final(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready()
    replies = stream(channel)
    first = asyncio.ensure_future(anext(replies))
    request = await worker.hear("request")
    await worker.say(partial=pb.Partial(request_id=request.request_id, body=b"1"))
    assert await first == (False, b"1")
    await worker.say(partial=pb.Partial(request_id=request.request_id, body=b"2"))
    await worker.say(final=pb.Final(request_id=request.request_id, body=b"3"))
    assert [reply async for reply in replies] == [(False, b"2"), (True, b"3")]


@pytest.mark.obligation(15)
async def test_no_partial_reply_is_needed(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    answering = asyncio.create_task(worker.answer(None))
    assert [reply async for reply in stream(channel)] == [(True, b"")]
    await answering


@pytest.mark.obligation(29)
async def test_a_service_that_does_not_come_is_unavailable(channel: Channel) -> None:
    with pytest.raises(UnavailableError) as caught:
        await unary(channel)
    assert caught.value.reason == "SERVICE_ABSENT"
    assert caught.value.metadata == {"service": "echo"}


@pytest.mark.obligation(29)
async def test_a_call_that_waits_for_busy_workers_is_told_before_its_deadline(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(unary(channel))
    request = await worker.hear("request")
    with pytest.raises(DeadlineError) as caught:
        await stub(channel).CallUnary(pb.CallUnaryRequest(call=pb.CallRequest(service="echo")), timeout=2)
    assert caught.value.reason == "WORKERS_BUSY"
    await worker.say(final=pb.Final(request_id=request.request_id))
    assert await running == b""


async def test_the_status_of_the_worker_is_that_of_the_call(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(unary(channel))
    request = await worker.hear("request")
    await worker.say(failure=pb.Failure(request_id=request.request_id, code=5, message="No such run."))
    with pytest.raises(NotFoundError, match=r"No such run\."):
        await running


@pytest.mark.obligation(31)
async def test_a_client_that_goes_cancels_its_call(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(unary(channel))
    request = await worker.hear("request")
    running.cancel()
    assert (await worker.hear("cancel")).request_id == request.request_id
    await asyncio.wait([running])


@pytest.mark.obligation(31)
async def test_a_client_that_times_out_may_send_its_call_again(
    raw: grpc.aio.Channel, channel: Channel, broker: Server
) -> None:
    worker = await RawWorker(raw).ready()
    named: dict[str, Any] = {"client_id": "c", "client_request_id": "job-1"}
    first = asyncio.create_task(unary(channel, **named))
    request = await worker.hear("request")
    first.cancel()
    async with open_channel(str(broker.address), retries=False) as another:
        second = asyncio.create_task(unary(another, **named))
        await asyncio.wait([first])
        await worker.say(final=pb.Final(request_id=request.request_id, body=b"once"))
        assert await second == b"once"
        assert await unary(another, **named) == b"once"


@pytest.mark.obligation(25)
async def test_a_call_of_a_lost_worker_is_not_repeated_unless_it_may_be(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready(worker_id="a")
    running = asyncio.create_task(unary(channel))
    await worker.hear("request")
    other = await RawWorker(raw).ready(worker_id="b")
    worker.break_off()
    with pytest.raises(AbortedError):
        await running
    again = asyncio.create_task(unary(channel, b"again"))
    assert (await other.answer()).body == b"again"
    assert await again == b"!"


@pytest.mark.parametrize("body", [b"echo", b"\xff"])
async def test_mmi_is_answered_by_the_broker(channel: Channel, body: bytes) -> None:
    assert await unary(channel, body, service="mmi.service") == b"404"
    assert await unary(channel, body, service="mmi.other") == b"501"


async def test_what_cannot_be_a_service_is_refused(channel: Channel) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await unary(channel, service="no name")
    assert caught.value.reason == "SERVICE_NAME_INVALID"


async def test_waiting_clients_are_sent_away_by_a_broker_that_stops(
    raw: grpc.aio.Channel, channel: Channel, stop: asyncio.Event
) -> None:
    await RawWorker(raw).ready()
    running, waiting = asyncio.create_task(unary(channel)), asyncio.create_task(unary(channel))
    await eventually(lambda: _queued(channel))
    stop.set()
    outcomes = await asyncio.gather(running, waiting, return_exceptions=True)
    reasons = [(type(each), each.reason) for each in outcomes if isinstance(each, SparringError)]
    assert sorted(reasons, key=str) == [(AbortedError, "DRAINING"), (UnavailableError, "DRAINING")]


async def _queued(channel: Channel) -> int:
    manager: Any = management_service_pb2_grpc.ManagementServiceStub(channel)
    listed = await manager.ListServices(management_service_pb2.ListServicesRequest(), timeout=5)
    return sum(service.queued_calls for service in listed.services)
