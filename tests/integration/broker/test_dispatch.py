"""Which worker gets which call, over real gRPC: credit, order, fairness, bounds (rows 14, 26, 27, 28, 30)."""

import asyncio

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel
from sparring.types.errors import ExhaustedError
from tests.integration.broker.callers import calling, calling_in_order, queue_length, queued
from tests.integration.broker.raw_worker import RawWorker


@pytest.mark.obligation(14)
async def test_the_next_request_comes_only_after_the_final(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    calls = [calling(channel, b"1"), calling(channel, b"2")]
    first = await worker.hear("request")
    await worker.say(partial=pb.Partial(request_id=first.request_id, body=b"part"))
    await worker.say(heartbeat=pb.Heartbeat(busy_request_ids=[first.request_id]))
    await queued(channel, 1)
    await worker.say(final=pb.Final(request_id=first.request_id, body=b"!"))
    await worker.answer()
    assert await asyncio.gather(*calls) == [b"!", b"!"]


@pytest.mark.obligation(26)
async def test_a_call_makes_a_queue_from_which_workers_take_in_order(raw: grpc.aio.Channel, channel: Channel) -> None:
    calls = await calling_in_order(channel, *({"body": body, "client_id": "c"} for body in (b"1", b"2", b"3", b"4")))
    one, other = await RawWorker(raw).ready(worker_id="one"), await RawWorker(raw).ready(worker_id="other")
    bodies = [(await worker.answer()).body for worker in (one, other, one, other)]
    assert bodies == [b"1", b"2", b"3", b"4"]
    await asyncio.gather(*calls)


@pytest.mark.obligation(27)
async def test_clients_are_served_in_turn(raw: grpc.aio.Channel, channel: Channel) -> None:
    greedy = [{"body": body, "client_id": "greedy"} for body in (b"a1", b"a2", b"a3")]
    calls = await calling_in_order(channel, *greedy, {"body": b"b1", "client_id": "modest"})
    worker = await RawWorker(raw).ready()
    assert [(await worker.answer()).body for _ in range(4)] == [b"a1", b"b1", b"a2", b"a3"]
    await asyncio.gather(*calls)


@pytest.mark.obligation(28)
async def test_the_least_recently_used_worker_is_next_also_after_a_death(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    workers = [await RawWorker(raw).ready(worker_id=str(number)) for number in range(3)]
    for number in (0, 1, 2, 0, 1, 2):
        call = calling(channel, str(number).encode())
        assert (await workers[number].answer()).body == str(number).encode()
        await call
    await workers[1].half_close()
    assert await workers[1].rest() == []
    for number in (0, 2, 0, 2):
        call = calling(channel)
        await workers[number].answer()
        await call


class TestBounds:
    @pytest.fixture
    def settings(self) -> BrokerSettings:
        return BrokerSettings(address="127.0.0.1:0", drain_s=1.0, max_queued_calls=2)

    @pytest.mark.obligation(30)
    async def test_a_queue_that_is_full_refuses_with_the_time_to_come_back(self, channel: Channel) -> None:
        waiting = await calling_in_order(channel, {"client_id": "a"}, {"client_id": "b"})
        with pytest.raises(ExhaustedError) as caught:
            await calling(channel, client_id="c")
        assert caught.value.reason == "QUEUE_FULL"
        assert caught.value.metadata["retry_after_ms"] == "1000"
        assert await queue_length(channel) == 2
        for call in waiting:
            call.cancel()
        await asyncio.wait(waiting)
        await queued(channel, 0)
