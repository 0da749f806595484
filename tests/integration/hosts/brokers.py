"""A broker, and what its clients do there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc

from sparring.api.agent.v1 import brain_service_pb2_grpc, muscle_service_pb2_grpc
from sparring.api.environment.v1 import environment_service_pb2_grpc
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.client.service_calls import ServiceChannel
from sparring.rpc.channels import open_channel
from sparring.types.plan import Grant

SOON_S = 20.0


@dataclass(frozen=True)
class Broker:
    """A broker that runs, and a channel to it."""

    address: str
    channel: grpc.aio.Channel

    @property
    def client(self) -> BrokerClient:
        return BrokerClient(self.channel)

    def environments(self, service: str = "environment") -> Any:
        return environment_service_pb2_grpc.EnvironmentServiceStub(ServiceChannel(self.channel, service))

    def muscles(self, service: str = "agent") -> Any:
        return muscle_service_pb2_grpc.MuscleServiceStub(ServiceChannel(self.channel, service))

    def brains(self, service: str = "agent") -> Any:
        return brain_service_pb2_grpc.BrainServiceStub(ServiceChannel(self.channel, service))

    async def grant(self, service: str, component: str = "") -> Grant:
        """Acquire one slot."""
        wish = {"one": SlotWish(service, component)}
        return (await self.client.acquire(wish, client_id="test", run="run-1", wait_s=SOON_S))["one"]


@asynccontextmanager
async def broker() -> AsyncIterator[Broker]:
    settings = BrokerSettings(address="127.0.0.1:0", http_address="", token_file=None, drain_s=1.0)
    async with running_broker(settings) as served, open_channel(str(served.address)) as channel:
        yield Broker(str(served.address), channel)
