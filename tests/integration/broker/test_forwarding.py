"""Calls of any method, forwarded by metadata, over real gRPC."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import management_service_pb2, management_service_pb2_grpc
from sparring.api.environment.v1 import environment_service_pb2 as environment_pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as environment_grpc
from sparring.broker.client_wire import MAX_BODY_BYTES
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel
from sparring.types.errors import AbortedError, DeadlineError, InvalidArgumentError
from tests.integration.broker.raw_worker import RawWorker

ECHO = (("sparring-service", "echo"),)


@pytest.fixture
def settings() -> BrokerSettings:
    return BrokerSettings(address="127.0.0.1:0", drain_s=1.0, service_wait_s=0.2)


def say(channel: grpc.aio.Channel) -> Any:
    return channel.unary_unary("/test.Echo/Say")


def watch(channel: grpc.aio.Channel) -> Any:
    return channel.unary_stream("/test.Echo/Watch")


async def test_a_generated_stub_on_a_channel_to_the_broker_reaches_the_service(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready("environment")
    stub: Any = environment_grpc.EnvironmentServiceStub(channel)
    asked = environment_pb.DescribeRequest(timeout_s=7)
    running = asyncio.ensure_future(stub.Describe(asked, metadata=(("sparring-service", "environment"),), timeout=5))
    answer = environment_pb.DescribeResponse(capacity=7)
    request = await worker.answer(answer.SerializeToString())
    assert request.method == "/sparring.api.environment.v1.EnvironmentService/Describe"
    assert environment_pb.DescribeRequest.FromString(request.body) == asked
    assert await running == answer


async def test_metadata_goes_on_but_not_what_belongs_to_this_hop(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    metadata = (*ECHO, ("authorization", "Bearer secret"), ("traceparent", "00-1"), ("state-bin", b"\x00\xff"))
    running = asyncio.ensure_future(say(channel)(b"", metadata=metadata, timeout=5))
    request = await worker.answer()
    await running
    got = {entry.key: entry.value for entry in request.metadata}
    assert got.pop("x-request-id")
    assert got == {"traceparent": b"00-1", "state-bin": b"\x00\xff"}


async def test_the_deadline_goes_on(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.ensure_future(say(channel)(b"", metadata=ECHO, timeout=7))
    request = await worker.answer()
    await running
    assert 5 < request.timeout.ToMilliseconds() / 1000 < 7.1


async def test_a_deadline_that_passes_cancels_the_call_at_the_worker(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.ensure_future(say(channel)(b"", metadata=ECHO, timeout=0.3))
    request = await worker.hear("request")
    with pytest.raises(DeadlineError):
        await running
    assert (await worker.hear("cancel")).request_id == request.request_id


async def test_status_message_and_details_come_back_unchanged(raw: grpc.aio.Channel) -> None:
    worker = await RawWorker(raw).ready()
    call = say(raw)(b"", metadata=ECHO, timeout=5)
    request = await worker.hear("request")
    failure = pb.Failure(request_id=request.request_id, code=9, message="Päuse, 100 %", details=b"\x08\x09any")
    await worker.say(failure=failure)
    assert await call.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert await call.details() == "Päuse, 100 %"
    assert dict(await call.trailing_metadata())["grpc-status-details-bin"] == b"\x08\x09any"


async def test_each_message_of_a_stream_comes_at_once(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    call = watch(channel)(b"", metadata=ECHO, timeout=30)
    first = asyncio.ensure_future(call.read())
    request = await worker.hear("request")
    for number in range(3):
        await worker.say(partial=pb.Partial(request_id=request.request_id, body=str(number).encode()))
        got = await first if number == 0 else await call.read()
        assert got == str(number).encode()
    await worker.say(final=pb.Final(request_id=request.request_id))
    assert await call.read() is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK


async def test_an_empty_message_is_a_message(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.ensure_future(say(channel)(b"", metadata=ECHO, timeout=5))
    await worker.answer(b"")
    assert await running == b""


async def test_a_stream_may_fail_after_messages(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    call = watch(channel)(b"", metadata=ECHO, timeout=30)
    reading = asyncio.ensure_future(call.read())
    request = await worker.hear("request")
    await worker.say(partial=pb.Partial(request_id=request.request_id, body=b"1"))
    assert await reading == b"1"
    await worker.say(failure=pb.Failure(request_id=request.request_id, code=10, message="lost"))
    with pytest.raises(AbortedError):
        await call.read()


async def test_a_client_that_cancels_a_stream_reaches_the_worker(raw: grpc.aio.Channel) -> None:
    worker = await RawWorker(raw).ready()
    call = watch(raw)(b"", metadata=ECHO, timeout=30)
    request = await worker.hear("request")
    call.cancel()
    assert (await worker.hear("cancel")).request_id == request.request_id
    await worker.say(failure=pb.Failure(request_id=request.request_id, code=1))
    running = asyncio.ensure_future(say(raw)(b"next", metadata=ECHO, timeout=5))
    assert (await worker.answer()).body == b"next"
    assert await running == b"!"


async def test_calls_to_several_services_share_a_channel(raw: grpc.aio.Channel, channel: Channel) -> None:
    apples, pears = await RawWorker(raw).ready("apples", "a"), await RawWorker(raw).ready("pears", "p")
    to_pears = asyncio.ensure_future(say(channel)(b"", metadata=(("sparring-service", "pears"),), timeout=5))
    to_apples = asyncio.ensure_future(say(channel)(b"", metadata=(("sparring-service", "apples"),), timeout=5))
    await apples.answer(b"apple")
    await pears.answer(b"pear")
    assert (await to_apples, await to_pears) == (b"apple", b"pear")


async def test_a_retry_safe_call_goes_to_another_worker(raw: grpc.aio.Channel, channel: Channel) -> None:
    first = await RawWorker(raw).ready(worker_id="a")
    metadata = (*ECHO, ("sparring-retry-safe", "true"))
    running = asyncio.ensure_future(say(channel)(b"", metadata=metadata, timeout=5))
    await first.hear("request")
    second = await RawWorker(raw).ready(worker_id="b")
    first.break_off()
    assert (await second.answer()).attempt == 2
    assert await running == b"!"


async def test_without_the_metadata_the_method_is_unimplemented(raw: grpc.aio.Channel) -> None:
    call = say(raw)(b"", timeout=5)
    assert await call.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_what_the_broker_serves_itself_is_not_forwarded(raw: grpc.aio.Channel, channel: Channel) -> None:
    await RawWorker(raw).ready()
    manager: Any = management_service_pb2_grpc.ManagementServiceStub(channel)
    query = management_service_pb2.QueryRequest(name="mmi.service", body="echo")
    assert (await manager.Query(query, metadata=ECHO, timeout=5)).code == 200
    health: Any = health_pb2_grpc.HealthStub(raw)
    answer = await health.Check(health_pb2.HealthCheckRequest(), metadata=ECHO, timeout=5)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_the_brokers_own_names_are_no_services_to_forward_to(raw: grpc.aio.Channel, channel: Channel) -> None:
    answer = await say(channel)(b"echo", metadata=(("sparring-service", "mmi.service"),), timeout=5)
    assert answer == b"404"


async def test_a_call_too_large_for_the_envelope_is_refused_and_the_worker_unharmed(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready()
    with pytest.raises(InvalidArgumentError) as caught:
        await say(channel)(bytes(MAX_BODY_BYTES + 1), metadata=ECHO, timeout=20)
    assert caught.value.reason == "MESSAGE_TOO_LARGE"
    running = asyncio.ensure_future(say(channel)(bytes(MAX_BODY_BYTES - 1000), metadata=ECHO, timeout=20))
    assert len((await worker.answer()).body) == MAX_BODY_BYTES - 1000
    assert await running == b"!"


async def test_a_client_that_does_not_read_is_dropped_and_the_worker_goes_on(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready(calls=2)
    call = watch(raw)(b"", metadata=ECHO, timeout=60)
    request = await worker.hear("request")
    enough = asyncio.Event()
    flooding = asyncio.create_task(_flood(worker, request.request_id, enough))
    assert (await worker.hear("cancel")).request_id == request.request_id
    enough.set()
    await flooding
    running = asyncio.ensure_future(say(channel)(b"", metadata=ECHO, timeout=10))
    await worker.answer()
    assert await running == b"!"
    call.cancel()


async def _flood(worker: RawWorker, request_id: str, enough: asyncio.Event) -> None:
    while not enough.is_set():
        await worker.say(partial=pb.Partial(request_id=request_id, body=bytes(2**20)))


async def test_a_forwarded_call_sent_again_under_its_name_is_handled_once(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    worker = await RawWorker(raw).ready()
    named = (*ECHO, ("sparring-client-id", "c"), ("sparring-request-id", "job-1"))
    first = asyncio.ensure_future(say(channel)(b"work", metadata=named, timeout=5))
    request = await worker.hear("request")
    second = asyncio.ensure_future(say(channel)(b"work", metadata=named, timeout=5))
    other = asyncio.ensure_future(say(channel)(b"other", metadata=ECHO, timeout=5))
    await worker.say(final=pb.Final(request_id=request.request_id, body=b"once"))
    assert (await worker.answer()).body == b"other"
    assert [await first, await second, await say(channel)(b"work", metadata=named, timeout=5)] == [b"once"] * 3
    assert await other == b"!"
