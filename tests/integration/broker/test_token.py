"""A token decides who may register, call and ask (row 33: authentication is layered on top)."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc, management_service_pb2, management_service_pb2_grpc
from sparring.broker.settings import BrokerSettings
from sparring.rpc.channels import open_channel
from sparring.rpc.server import Server
from sparring.types.errors import UnauthenticatedError
from tests.integration.broker.raw_worker import RawWorker

pytestmark = pytest.mark.obligation(33)


@pytest.fixture
def settings(tmp_path: Path) -> BrokerSettings:
    file = tmp_path / "token"
    file.write_text("secret\n")
    return BrokerSettings(address="127.0.0.1:0", token_file=file, drain_s=0.5)


@pytest.mark.parametrize(("token", "reason"), [(None, "TOKEN_MISSING"), ("wrong", "TOKEN_WRONG")])
async def test_a_worker_without_the_token_is_refused(raw: grpc.aio.Channel, token: str | None, reason: str) -> None:
    assert await RawWorker(raw, token).ended() == (grpc.StatusCode.UNAUTHENTICATED, reason)


async def test_a_worker_with_the_token_is_welcome(raw: grpc.aio.Channel) -> None:
    await RawWorker(raw, "secret").ready()


async def test_clients_and_observers_need_the_token_as_well(broker: Server) -> None:
    async with open_channel(str(broker.address), retries=False) as channel:
        calls: list[Any] = [
            broker_service_pb2_grpc.BrokerServiceStub(channel).CallUnary(pb.CallUnaryRequest(), timeout=5),
            channel.unary_unary("/test.Echo/Say")(b"", metadata=(("sparring-service", "echo"),), timeout=5),
            management_service_pb2_grpc.ManagementServiceStub(channel).Query(
                management_service_pb2.QueryRequest(name="mmi.service"), timeout=5
            ),
        ]
        for call in calls:
            with pytest.raises(UnauthenticatedError) as caught:
                await call
            assert caught.value.reason == "TOKEN_MISSING"
