"""Who lives, over real gRPC, at rates of a tenth of a second."""

import asyncio
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel
from sparring.types.errors import AbortedError
from tests.integration.broker.raw_worker import RawWorker

BEAT_S = 0.1


@pytest.fixture
def settings() -> BrokerSettings:
    return BrokerSettings(address="127.0.0.1:0", drain_s=2.0, heartbeat_s=BEAT_S)


async def call(channel: Channel, **request: Any) -> bytes:
    stub: Any = broker_service_pb2_grpc.BrokerServiceStub(channel)
    answer = await stub.CallUnary(pb.CallUnaryRequest(call=pb.CallRequest(service="echo", **request)), timeout=10)
    return bytes(answer.body)


@pytest.mark.obligation(21)
async def test_a_silent_worker_expires(raw: grpc.aio.Channel) -> None:
    worker = await RawWorker(raw).ready()
    assert (await worker.hear("disconnect")).reason == pb.Disconnect.REASON_EXPIRED
    assert await worker.ended() == (grpc.StatusCode.OK, "")


@pytest.mark.obligation(21)
async def test_a_silent_busy_worker_expires_and_its_call_fails(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(call(channel))
    await worker.hear("request")
    with pytest.raises(AbortedError) as caught:
        await running
    assert caught.value.reason == "WORKER_LOST"
    assert caught.value.metadata["worker"] == "w"


@pytest.mark.obligation(18)
async def test_a_slow_worker_that_beats_keeps_its_call(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(call(channel))
    request = await worker.hear("request")
    worker.busy = [request.request_id]
    async with worker.beating(BEAT_S):
        await asyncio.sleep(10 * BEAT_S)
        await worker.say(final=pb.Final(request_id=request.request_id, body=b"at last"))
        assert await running == b"at last"


@pytest.mark.obligation(24)
async def test_a_retry_safe_call_of_a_frozen_worker_goes_to_another_one(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    frozen = await RawWorker(raw).ready(worker_id="frozen")
    running = asyncio.create_task(call(channel, retry_safe=True))
    assert (await frozen.hear("request")).attempt == 1
    other = await RawWorker(raw).ready(worker_id="other")
    async with other.beating(BEAT_S):
        assert (await other.answer(b"done")).attempt == 2
        assert await running == b"done"


@pytest.mark.obligation(21)
async def test_the_broker_beats_for_its_workers(raw: grpc.aio.Channel) -> None:
    worker = RawWorker(raw)
    await worker.ready()
    async with worker.beating(BEAT_S), asyncio.timeout(10):
        message = await worker._call.read()
        assert message.WhichOneof("kind") == "heartbeat"


@pytest.mark.obligation(19)
async def test_partial_replies_alone_keep_a_worker_alive(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = asyncio.create_task(call(channel))
    request = await worker.hear("request")
    for _ in range(20):
        await worker.say(partial=pb.Partial(request_id=request.request_id, body=b"."))
        await asyncio.sleep(BEAT_S / 2)
    await worker.say(final=pb.Final(request_id=request.request_id, body=b"alive"))
    assert await running == b"alive"


@pytest.mark.obligation(20)
async def test_the_broker_does_not_beat_while_it_sends_requests(raw: grpc.aio.Channel, channel: Channel) -> None:
    """One that beat whatever else it sends would do so ten times."""
    worker = await RawWorker(raw).ready()
    begun, beats = asyncio.get_running_loop().time(), 0
    while asyncio.get_running_loop().time() < begun + 10 * BEAT_S:
        running = asyncio.create_task(call(channel))
        async with asyncio.timeout(10):
            while (message := await worker._call.read()).WhichOneof("kind") == "heartbeat":
                beats += 1
        await worker.say(final=pb.Final(request_id=message.request.request_id, body=b""))
        await running
    assert beats < 5
