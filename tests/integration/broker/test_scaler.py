"""The autoscaler's interface over real gRPC, as KEDA uses it."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as broker_pb
from sparring.api.broker.v1 import grant_pb2
from sparring.api.thirdparty.keda import externalscaler_pb2 as pb
from sparring.api.thirdparty.keda import externalscaler_pb2_grpc
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import Channel
from sparring.types.errors import InvalidArgumentError
from tests.integration.broker.raw_worker import RawWorker
from tests.support.eventually import eventually


def scaler(channel: grpc.aio.Channel) -> Any:
    return externalscaler_pb2_grpc.ExternalScalerStub(channel)


def reference(**metadata: str) -> pb.ScaledObjectRef:
    return pb.ScaledObjectRef(name="environment", namespace="default", scalerMetadata=metadata)


async def values(channel: grpc.aio.Channel, name: str = "") -> dict[str, int]:
    asked = pb.GetMetricsRequest(scaledObjectRef=reference(service="echo"), metricName=name)
    answer = await scaler(channel).GetMetrics(asked, timeout=5)
    assert all(each.metricValue - 1 < each.metricValueFloat <= each.metricValue for each in answer.metricValues)
    return {each.metricName: each.metricValue for each in answer.metricValues}


async def test_the_path_on_the_wire_is_that_of_keda(raw: grpc.aio.Channel) -> None:
    answer = await raw.unary_unary("/externalscaler.ExternalScaler/GetMetricSpec")(
        b"\x0a\x01e\x12\x01n\x1a\x0f\x0a\x07service\x12\x04echo", timeout=5
    )
    assert pb.GetMetricSpecResponse.FromString(answer).metricSpecs[0].metricName == "demand"


async def test_the_numbers_and_their_targets_are_listed(channel: Channel) -> None:
    asked = reference(service="echo", targetPerReplica="2.5")
    specs = (await scaler(channel).GetMetricSpec(asked, timeout=5)).metricSpecs
    assert [(spec.metricName, spec.targetSize, spec.targetSizeFloat) for spec in specs] == [
        ("demand", 3, 2.5),
        ("queue-age-s", 30, 30.0),
        ("busy-percent", 80, 80.0),
    ]


async def test_demand_follows_sessions_calls_and_queue(raw: grpc.aio.Channel, channel: Channel) -> None:
    assert await values(channel) == {"demand": 0, "queue-age-s": 0, "busy-percent": 0}
    session = grant_pb2.OpenSession(token="t", state="STATE_CONNECTED")
    worker = await RawWorker(raw).ready(slots=4, sessions=[session])
    assert await values(channel) == {"demand": 1, "queue-age-s": 0, "busy-percent": 25}
    say = channel.unary_unary("/test.Echo/Say")
    calls = [asyncio.ensure_future(say(b"", metadata=(("sparring-service", "echo"),), timeout=10)) for _ in range(3)]
    request = await worker.hear("request")

    async def all_came() -> bool:
        return (await values(channel))["demand"] == 4

    await eventually(all_came)
    found = await values(channel)
    assert found["busy-percent"] == 100
    assert found["queue-age-s"] == 1  # rounded up
    assert await values(channel, "demand") == {"demand": 4}
    await worker.say(final=broker_pb.Final(request_id=request.request_id, body=b""))
    for _ in range(2):
        await worker.answer()
    await asyncio.gather(*calls)
    assert (await values(channel))["demand"] == 1


async def test_active_is_pushed_when_the_first_comes_and_the_last_goes(raw: grpc.aio.Channel, channel: Channel) -> None:
    asked = reference(service="echo")
    assert (await scaler(channel).IsActive(asked, timeout=5)).result is False
    stream = scaler(channel).StreamIsActive(asked, timeout=30)
    assert (await stream.read()).result is False
    running = asyncio.ensure_future(
        channel.unary_unary("/test.Echo/Say")(b"", metadata=(("sparring-service", "echo"),), timeout=10)
    )
    assert (await stream.read()).result is True
    assert (await scaler(channel).IsActive(asked, timeout=5)).result is True
    worker = await RawWorker(raw).ready()
    await worker.answer()
    await running
    assert (await stream.read()).result is False


async def test_the_stream_ends_when_the_broker_stops(channel: Channel, stop: asyncio.Event) -> None:
    stream = scaler(channel).StreamIsActive(reference(service="echo"), timeout=30)
    await stream.read()
    stop.set()
    async with asyncio.timeout(10):
        assert await stream.read() is grpc.aio.EOF


@pytest.mark.parametrize("method", ["IsActive", "StreamIsActive", "GetMetricSpec", "GetMetrics"])
async def test_wrong_metadata_is_an_invalid_argument_that_says_what(channel: Channel, method: str) -> None:
    asked: Any = reference(service="echo", targetPerReplica="lots")
    if method == "GetMetrics":
        asked = pb.GetMetricsRequest(scaledObjectRef=asked)
    call = getattr(scaler(channel), method)(asked, timeout=5)
    with pytest.raises(InvalidArgumentError, match="lots") as caught:
        await (call.read() if method == "StreamIsActive" else call)
    assert caught.value.reason == "SCALER_METADATA_INVALID"


async def test_an_unknown_number_is_refused(channel: Channel) -> None:
    with pytest.raises(InvalidArgumentError, match="demand, queue-age-s, busy-percent"):
        await values(channel, "temperature")


class TestAnAddressOfItsOwn:
    @pytest.fixture
    def scaler_address(self, tmp_path: Path) -> str:
        return f"unix:{tmp_path}/scaler"

    @pytest.fixture
    def settings(self, tmp_path: Path, scaler_address: str) -> BrokerSettings:
        file = tmp_path / "token"
        file.write_text("secret\n")
        return BrokerSettings(address="127.0.0.1:0", token_file=file, scaler_address=scaler_address, drain_s=0.5)

    async def test_it_is_served_there_without_the_token_and_nothing_else(
        self, raw: grpc.aio.Channel, scaler_address: str
    ) -> None:
        call = scaler(raw).IsActive(reference(service="echo"), timeout=5)
        assert await call.code() is grpc.StatusCode.UNAUTHENTICATED
        async with grpc.aio.insecure_channel(scaler_address) as own:
            assert (await scaler(own).IsActive(reference(service="echo"), timeout=5)).result is False
            other = own.unary_unary("/sparring.api.broker.v1.ManagementService/ListServices")(b"", timeout=5)
            assert await other.code() is grpc.StatusCode.UNIMPLEMENTED
