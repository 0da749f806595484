"""What becomes of calls whose worker is lost, over real gRPC: head of the queue, attempts, fence (rows 9, 11, 24)."""

import asyncio

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.rpc.channels import Channel
from sparring.types.errors import AbortedError, UnavailableError
from tests.integration.broker.callers import calling, calling_in_order
from tests.integration.broker.raw_worker import RawWorker


@pytest.mark.obligation(24)
async def test_a_lost_call_goes_before_those_that_wait_as_the_next_attempt(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    lost = await RawWorker(raw).ready(worker_id="lost")
    running = calling(channel, b"lost", retry_safe=True, client_id="c")
    await lost.hear("request")
    waiting = await calling_in_order(channel, {"body": b"waiting", "client_id": "c"}, {"body": b"x", "client_id": "d"})
    lost.break_off()
    other = await RawWorker(raw).ready(worker_id="other")
    requests = [await other.answer() for _ in range(3)]
    assert [(request.body, request.attempt) for request in requests] == [(b"lost", 2), (b"waiting", 1), (b"x", 1)]
    await asyncio.gather(running, *waiting)


@pytest.mark.obligation(24)
async def test_the_late_reply_of_an_old_attempt_is_fenced(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready(incarnation=1)
    running = calling(channel, retry_safe=True)
    old = await worker.hear("request")
    worker.break_off()
    back = await RawWorker(raw).ready(incarnation=2)
    new = await back.hear("request")
    assert (old.attempt, new.attempt) == (1, 2)
    assert old.request_id != new.request_id
    await back.say(partial=pb.Partial(request_id=old.request_id, body=b"old"))
    await back.say(final=pb.Final(request_id=old.request_id, body=b"old"))
    await back.say(final=pb.Final(request_id=new.request_id, body=b"new"))
    assert await running == b"new"
    again = calling(channel)
    await back.answer(b"still here")
    assert await again == b"still here"


@pytest.mark.obligation(24)
async def test_after_three_lost_workers_a_call_fails_and_may_be_sent_again(
    raw: grpc.aio.Channel, channel: Channel
) -> None:
    running = calling(channel, retry_safe=True)
    for attempt in (1, 2, 3):
        worker = await RawWorker(raw).ready(worker_id=str(attempt))
        assert (await worker.hear("request")).attempt == attempt
        worker.break_off()
    with pytest.raises(UnavailableError) as caught:
        await running
    assert caught.value.reason == "WORKER_LOST"
    assert caught.value.metadata["attempt"] == "3"


@pytest.mark.obligation(25)
async def test_a_call_that_was_answered_in_part_is_not_repeated(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready(worker_id="a")
    running = calling(channel)
    request = await worker.hear("request")
    await worker.say(partial=pb.Partial(request_id=request.request_id, body=b"part"))
    other = await RawWorker(raw).ready(worker_id="b")
    worker.break_off()
    with pytest.raises(AbortedError):
        await running
    await other.half_close()
    assert await other.rest() == []


@pytest.mark.obligation(9)
async def test_a_worker_that_said_goodbye_is_sent_nothing_more(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    running = calling(channel, retry_safe=True)
    await worker.hear("request")
    waiting = await calling_in_order(channel, {"body": b"waiting"})
    await worker.say(disconnect=pb.Disconnect(reason=pb.Disconnect.REASON_SHUTDOWN))
    assert await worker.rest() == []
    other = await RawWorker(raw).ready(worker_id="other")
    assert [(await other.answer()).attempt for _ in range(2)] == [2, 1]
    await asyncio.gather(running, *waiting)
