"""Workers over real gRPC: how conversations begin, go on and end."""

import asyncio
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import grant_pb2, management_service_pb2, management_service_pb2_grpc
from sparring.api.space.v1 import session_pb2
from sparring.rpc.channels import Channel
from sparring.rpc.server import Server
from tests.integration.broker.raw_worker import VERSION, RawWorker, raw_channel
from tests.support.eventually import eventually

OK = grpc.StatusCode.OK
INVALID, PRECONDITION = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
Reason = pb.Disconnect.Reason


async def mmi(channel: Channel, service: str) -> int:
    stub: Any = management_service_pb2_grpc.ManagementServiceStub(channel)
    answer = await stub.Query(management_service_pb2.QueryRequest(name="mmi.service", body=service), timeout=5)
    return int(answer.code)


@pytest.mark.obligation(7)
async def test_welcome_announces_the_rates(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = RawWorker(raw)
    await worker.say(ready=pb.Ready(version=VERSION, worker_id="w", incarnation=1, service="echo", calls=1))
    welcome = await worker.hear("welcome")
    assert welcome.rates.heartbeat_interval.ToMilliseconds() == 2500
    assert welcome.rates.liveness == 3
    assert welcome.version.major == 1
    assert welcome.lease_id.startswith(welcome.broker_id)
    assert len(welcome.broker_id) == 16
    assert await mmi(channel, "echo") == 200


@pytest.mark.obligation(3)
async def test_the_first_message_must_be_ready(raw: grpc.aio.Channel) -> None:
    worker = RawWorker(raw)
    await worker.say(heartbeat=pb.Heartbeat())
    assert (await worker.hear("disconnect")).reason == Reason.REASON_UNEXPECTED
    assert await worker.ended() == (PRECONDITION, "READY_EXPECTED")


@pytest.mark.obligation(6)
async def test_a_second_ready_ends_the_stream(raw: grpc.aio.Channel) -> None:
    worker = await RawWorker(raw).ready()
    await worker.say(ready=pb.Ready(version=VERSION, worker_id="w", incarnation=2, service="echo"))
    assert (await worker.hear("disconnect")).reason == Reason.REASON_UNEXPECTED
    assert await worker.ended() == (PRECONDITION, "UNEXPECTED")


@pytest.mark.obligation(4)
async def test_a_second_stream_supersedes_the_first(raw: grpc.aio.Channel) -> None:
    first = await RawWorker(raw).ready(incarnation=1)
    await RawWorker(raw).ready(incarnation=2)
    assert (await first.hear("disconnect")).reason == Reason.REASON_SUPERSEDED
    assert await first.ended() == (OK, "")


@pytest.mark.obligation(8)
async def test_another_major_version_is_refused_naming_both(raw: grpc.aio.Channel) -> None:
    worker = RawWorker(raw)
    version = session_pb2.ProtocolVersion(major=2)
    await worker.say(ready=pb.Ready(version=version, worker_id="w", incarnation=1, service="echo"))
    assert await worker.ended() == (PRECONDITION, "VERSION_MISMATCH")


@pytest.mark.obligation(9)
async def test_after_a_goodbye_the_stream_ends_well(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    await worker.say(disconnect=pb.Disconnect(reason=Reason.REASON_SHUTDOWN))
    assert await worker.ended() == (OK, "")
    assert await mmi(channel, "echo") == 404


@pytest.mark.obligation(9)
async def test_half_close_is_a_goodbye(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    await worker.half_close()
    assert await worker.ended() == (OK, "")
    assert await mmi(channel, "echo") == 404


@pytest.mark.obligation(11)
@pytest.mark.parametrize(
    "message",
    [
        {"final": pb.Final(request_id="never heard of")},
        {"partial": pb.Partial(request_id="never heard of")},
        {"failure": pb.Failure(request_id="never heard of", code=5)},
        {"admitted": pb.Admitted(token="never heard of")},
        {"refused": pb.Refused(token="never heard of")},
    ],
    ids=lambda message: next(iter(message)),
)
async def test_what_is_not_expected_ends_the_stream(raw: grpc.aio.Channel, message: dict[str, Any]) -> None:
    worker = await RawWorker(raw).ready()
    await worker.say(**message)
    assert (await worker.hear("disconnect")).reason == Reason.REASON_UNEXPECTED
    assert await worker.ended() == (PRECONDITION, "UNEXPECTED")


@pytest.mark.obligation(12)
@pytest.mark.parametrize(
    "message",
    [
        {},
        {"failure": pb.Failure(request_id="x", code=0)},
        {"failure": pb.Failure(request_id="x", code=17)},
        {"session_ended": pb.SessionEnded()},
        {"session_ended": pb.SessionEnded(event=grant_pb2.SessionEvent(token="t", kind="KIND_OPEN"))},
        {"heartbeat": pb.Heartbeat(sessions=[grant_pb2.OpenSession()])},
    ],
    ids=["empty", "code 0", "code 17", "event without token", "event OPEN", "session without token"],
)
async def test_what_is_no_message_ends_its_stream_and_no_other(
    raw: grpc.aio.Channel, channel: Channel, message: dict[str, Any]
) -> None:
    worker = await RawWorker(raw).ready(worker_id="bad")
    other = await RawWorker(raw).ready(worker_id="good")
    await worker.say(**message)
    assert await worker.ended() == (INVALID, "MESSAGE_INVALID")
    await other.say(heartbeat=pb.Heartbeat())
    assert await mmi(channel, "echo") == 200


@pytest.mark.obligation(12)
async def test_bytes_that_are_no_message_end_the_stream(raw: grpc.aio.Channel, channel: Channel) -> None:
    call: Any = raw.stream_stream("/sparring.api.broker.v1.BrokerService/Work")()
    await call.write(b"\xff\xff\xff")
    assert await call.code() is INVALID
    await RawWorker(raw).ready()
    assert await mmi(channel, "echo") == 200


@pytest.mark.obligation(12)
async def test_an_oversized_message_ends_the_stream_and_not_the_broker(raw: grpc.aio.Channel, channel: Channel) -> None:
    worker = await RawWorker(raw).ready()
    await worker.say(partial=pb.Partial(request_id="x", body=bytes(65 * 2**20)))
    code, _ = await worker.ended()
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    await RawWorker(raw).ready(incarnation=2)
    assert await mmi(channel, "echo") == 200


async def test_reserved_names_are_refused(raw: grpc.aio.Channel) -> None:
    worker = RawWorker(raw)
    await worker.say(ready=pb.Ready(version=VERSION, worker_id="w", incarnation=1, service="mmi.service"))
    assert (await worker.hear("disconnect")).reason == Reason.REASON_RESERVED
    assert await worker.ended() == (INVALID, "SERVICE_NAME_INVALID")


@pytest.mark.obligation(10)
async def test_a_broker_that_stops_says_goodbye(raw: grpc.aio.Channel, stop: asyncio.Event) -> None:
    worker = await RawWorker(raw).ready()
    stop.set()
    assert (await worker.hear("disconnect")).reason == Reason.REASON_SHUTDOWN
    assert await worker.ended() == (OK, "")


@pytest.mark.obligation(23)
async def test_a_worker_that_breaks_off_is_off_the_list(broker: Server, channel: Channel) -> None:
    async with raw_channel(broker) as its_own:
        await RawWorker(its_own).ready()
        assert await mmi(channel, "echo") == 200

    async def gone() -> bool:
        return await mmi(channel, "echo") == 404

    await eventually(gone)


@pytest.mark.obligation(5)
async def test_several_services_are_several_streams_of_one_channel(raw: grpc.aio.Channel, channel: Channel) -> None:
    await RawWorker(raw).ready("apples", "a")
    await RawWorker(raw).ready("pears", "p")
    assert await mmi(channel, "apples") == await mmi(channel, "pears") == 200
