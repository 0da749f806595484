"""What can be seen of a broker: health per service, the list of services, metrics, reflection."""

import asyncio
import urllib.request
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import (
    broker_service_pb2_grpc,
    grant_pb2,
    management_service_pb2,
    management_service_pb2_grpc,
)
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel
from sparring.rpc.server import Server
from sparring.types.errors import DeadlineError
from tests.integration.broker.callers import calling
from tests.integration.broker.raw_worker import RawWorker
from tests.support.eventually import eventually

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
OWN = "sparring.api.broker.v1.BrokerService"


@pytest.fixture
def settings() -> BrokerSettings:
    return BrokerSettings(address="127.0.0.1:0", http_address="127.0.0.1:0", drain_s=1.0)


def manager(channel: grpc.aio.Channel) -> Any:
    return management_service_pb2_grpc.ManagementServiceStub(channel)


async def check(channel: grpc.aio.Channel, service: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    call = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    if await call.code() is grpc.StatusCode.NOT_FOUND:
        return int(UNKNOWN)
    return int((await call).status)


def page(broker: Server, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{broker.http_port}{path}", timeout=5) as answer:
        return str(answer.read().decode())


async def test_health_of_a_service_follows_its_workers(raw: grpc.aio.Channel) -> None:
    assert await check(raw, "echo") == UNKNOWN
    stub: Any = health_pb2_grpc.HealthStub(raw)
    watch = stub.Watch(health_pb2.HealthCheckRequest(service="echo"))
    assert (await watch.read()).status == UNKNOWN
    worker = await RawWorker(raw).ready()
    async with asyncio.timeout(10):
        while (status := (await watch.read()).status) != SERVING:
            assert status == NOT_SERVING
        assert await check(raw, "echo") == SERVING
        await worker.half_close()
        assert (await watch.read()).status == NOT_SERVING
    assert await check(raw, "echo") == NOT_SERVING


async def test_a_service_without_workers_does_not_make_the_broker_unready(
    raw: grpc.aio.Channel, broker: Server
) -> None:
    worker = await RawWorker(raw).ready()
    await worker.half_close()
    await worker.ended()
    assert await check(raw, "echo") == NOT_SERVING
    assert await check(raw, "") == SERVING
    assert await asyncio.to_thread(page, broker, "/readyz") == "SERVING\n"


async def test_a_worker_cannot_speak_for_the_brokers_own_services(raw: grpc.aio.Channel) -> None:
    worker = await RawWorker(raw).ready(OWN)
    await worker.half_close()
    await worker.ended()
    assert await check(raw, OWN) == SERVING


async def test_the_list_says_who_is_there_and_who_waits(raw: grpc.aio.Channel, channel: Channel) -> None:
    session = grant_pb2.OpenSession(token="t", state="STATE_SUSPENDED", component="m:C", run="run-1")
    await RawWorker(raw).ready(
        "environment",
        slots=2,
        calls=3,
        sessions=[session],
        labels={"host": "here"},
        endpoint=grant_pb2.Endpoint(address="127.0.0.1:7777"),
        announcements=[pb.Announcement(name="m:C", role="environment")],
    )
    listed = await manager(channel).ListServices(management_service_pb2.ListServicesRequest(), timeout=5)
    (service,) = listed.services
    (worker,) = service.workers
    assert (service.name, worker.worker_id, worker.slots, worker.calls) == ("environment", "w", 2, 3)
    assert list(worker.sessions) == [session]
    assert dict(worker.labels) == {"host": "here"}
    assert worker.endpoint.address == "127.0.0.1:7777"
    assert [each.name for each in worker.announcements] == ["m:C"]
    assert worker.lease_id
    assert 0 < worker.lease_left.ToNanoseconds() <= 7.5e9
    assert worker.lease_left.ToNanoseconds() + worker.silent.ToNanoseconds() == pytest.approx(7.5e9, abs=10)


async def test_a_watch_tells_changes_and_no_more(raw: grpc.aio.Channel, channel: Channel) -> None:
    call = manager(channel).WatchServices(management_service_pb2.WatchServicesRequest(), timeout=30)
    assert list((await call.read()).services) == []
    worker = await RawWorker(raw).ready()
    changed = (await call.read()).services
    assert [(service.name, len(service.workers)) for service in changed] == [("echo", 1)]
    await worker.say(heartbeat=pb.Heartbeat())
    await worker.half_close()
    changed = (await call.read()).services
    assert [(service.name, len(service.workers)) for service in changed] == [("echo", 0)]


async def test_a_watch_ends_when_the_broker_stops(channel: Channel, stop: asyncio.Event) -> None:
    call = manager(channel).WatchServices(management_service_pb2.WatchServicesRequest(), timeout=30)
    await call.read()
    stop.set()
    async with asyncio.timeout(10):
        assert await call.read() is grpc.aio.EOF


async def test_metrics_tell_queue_length_age_busy_share_latency_and_what_went_wrong(
    raw: grpc.aio.Channel, channel: Channel, broker: Server
) -> None:
    worker = await RawWorker(raw).ready(slots=2, sessions=[grant_pb2.OpenSession(token="t")])
    metadata = (("sparring-service", "echo"),)
    calls = [
        asyncio.ensure_future(channel.unary_unary("/test.Echo/Say")(b"", metadata=metadata, timeout=20))
        for _ in range(3)
    ]
    request = await worker.hear("request")

    async def text() -> str:
        return await asyncio.to_thread(page, broker, "/metrics")

    async def all_wait() -> bool:
        return 'sparring_broker_queued_calls{service="echo"} 2.0' in await text()

    await eventually(all_wait)
    waiting = await text()
    assert 'sparring_broker_busy_calls_ratio{service="echo"} 1.0' in waiting
    assert 'sparring_broker_busy_slots_ratio{service="echo"} 0.5' in waiting
    assert 'sparring_broker_oldest_wait_seconds{service="echo"}' in waiting
    await worker.say(final=pb.Final(request_id=request.request_id, body=b""))
    for _ in range(2):
        await worker.answer()
    await asyncio.gather(*calls)
    done = await text()
    assert 'sparring_broker_dispatch_seconds_bucket{le="+Inf"} 3.0' in done
    for name in ("expired_calls", "requeued_calls", "fenced_replies"):
        assert f"sparring_broker_{name}_total 0.0" in done


async def test_metrics_count_what_was_repeated_fenced_attached_and_expired(
    raw: grpc.aio.Channel, channel: Channel, broker: Server
) -> None:
    worker = await RawWorker(raw).ready(incarnation=1)
    running = calling(channel, retry_safe=True)
    old = await worker.hear("request")
    worker.break_off()
    back = await RawWorker(raw).ready(incarnation=2)
    new = await back.hear("request")
    await back.say(final=pb.Final(request_id=old.request_id))
    await back.say(final=pb.Final(request_id=new.request_id))
    await running
    named = {"client_id": "c", "client_request_id": "job"}
    first = calling(channel, **named)
    await back.answer()
    assert await first == await calling(channel, **named)
    busy = calling(channel)
    request = await back.hear("request")
    stub: Any = broker_service_pb2_grpc.BrokerServiceStub(channel)
    with pytest.raises(DeadlineError):
        await stub.CallUnary(pb.CallUnaryRequest(call=pb.CallRequest(service="echo")), timeout=1)
    await back.say(final=pb.Final(request_id=request.request_id))
    await busy
    metrics = await asyncio.to_thread(page, broker, "/metrics")
    for name in ("requeued_calls", "fenced_replies", "attached_calls", "expired_calls"):
        assert f"sparring_broker_{name}_total 1.0" in metrics
