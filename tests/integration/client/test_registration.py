"""A foreign server, which knows nothing of brokers, registered while it is healthy."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as pb_grpc
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.client.foreign_server import Offer, ask_offer
from sparring.client.registration import HELD_S, GrantedSlots, keep_registered
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.health import Health
from sparring.rpc.mounts import mount
from sparring.rpc.server import running
from sparring.types.errors import DeadlineError, FailedPreconditionError
from sparring.types.holding import Admitted, Refused
from tests.support.eventually import eventually


class Simulator(pb_grpc.EnvironmentServiceServicer):
    def __init__(self) -> None:
        self.major = 1

    async def Describe(self, request: pb.DescribeRequest, context: Any) -> pb.DescribeResponse:
        return pb.DescribeResponse(version={"major": self.major}, capacity=2, offered=["cartpole", "pendulum"])


@contextlib.asynccontextmanager
async def simulator(address: str = "127.0.0.1:0") -> AsyncIterator[str]:
    async with running(address, [mount(Simulator())], name="simulator", drain_s=0.0) as server:
        yield str(server.address)


@pytest.fixture
async def broker() -> AsyncIterator[Channel]:
    settings = BrokerSettings(address="127.0.0.1:0", heartbeat_s=0.2, drain_s=0.5)
    async with running_broker(settings) as server, open_channel(str(server.address)) as channel:
        yield channel


@contextlib.asynccontextmanager
async def kept(broker: Channel, target: str) -> AsyncIterator[list[Offer | None]]:
    changes: list[Offer | None] = []
    task = asyncio.create_task(
        keep_registered(
            broker=broker._target,
            service="environment/cartpole",
            target=target,
            check_every_s=0.05,
            on_change=changes.append,
        )
    )
    try:
        yield changes
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_its_sessions_are_granted_at_its_own_address_up_to_its_capacity(broker: Channel) -> None:
    client = BrokerClient(broker)
    wishes = {label: SlotWish("environment/cartpole", "cartpole") for label in ("a", "b")}
    async with simulator() as target, kept(broker, target):
        grants = await client.acquire(wishes, client_id="g", run="r", wait_s=10)
        assert {grant.address for grant in grants.values()} == {target}
        with pytest.raises(DeadlineError):
            await client.acquire({"c": SlotWish("environment/cartpole")}, client_id="g", run="r", wait_s=0.4)
        await client.release([grants["a"].token])
        again = await client.acquire({"c": SlotWish("environment/cartpole")}, client_id="g", run="r", wait_s=10)
        assert again["c"].token not in {grant.token for grant in grants.values()}


async def test_it_is_registered_only_while_it_is_healthy(broker: Channel) -> None:
    client = BrokerClient(broker)
    offer = Offer(2, (("cartpole", "environment"), ("pendulum", "environment")))
    async with simulator() as first:
        address = first
    async with kept(broker, address) as changes:
        async with simulator(address):
            await eventually(lambda: changes == [offer])
        await eventually(lambda: changes == [offer, None])

        async def absent() -> bool:
            return await client.query("mmi.service", "environment/cartpole") == 404

        await eventually(absent)
        async with simulator(address):
            await eventually(lambda: changes == [offer, None, offer])


async def test_a_server_that_offers_nothing_or_speaks_another_version_says_so() -> None:
    health = Health()
    async with (
        running("127.0.0.1:0", [], name="empty", drain_s=0.0, health=health) as server,
        open_channel(str(server.address)) as channel,
    ):
        with pytest.raises(FailedPreconditionError) as caught:
            await ask_offer(channel, "there")
        assert caught.value.reason == "NOTHING_OFFERED"
    old = Simulator()
    old.major = 9
    async with (
        running("127.0.0.1:0", [mount(old)], name="old", drain_s=0.0) as server,
        open_channel(str(server.address)) as channel,
    ):
        with pytest.raises(FailedPreconditionError) as caught:
            await ask_offer(channel, "there")
        assert caught.value.reason == "VERSION_MISMATCH"


async def test_what_a_registration_waits_for_is_said_once(broker: Channel, caplog: pytest.LogCaptureFixture) -> None:
    async with (
        running("127.0.0.1:0", [], name="empty", drain_s=0.0, health=Health()) as server,
        kept(broker, str(server.address)) as changes,
    ):
        await eventually(lambda: "serves neither" in caplog.text)
    assert caplog.text.count("serves neither") == 1
    assert changes == []


async def test_a_session_that_nobody_gives_back_is_forgotten_in_the_end() -> None:
    now = 0.0
    slots = GrantedSlots(1, lambda: now)
    assert isinstance(await slots.admit("a", "", 0.0, ""), Admitted)
    assert isinstance(await slots.admit("a", "", 0.0, ""), Admitted)
    assert isinstance(await slots.admit("b", "", 0.0, ""), Refused)
    assert [session.token for session in slots.sessions()] == ["a"]
    now = HELD_S + 1
    assert isinstance(await slots.admit("b", "", 0.0, ""), Admitted)
    assert [session.token for session in slots.sessions()] == ["b"]
