"""Clients of a broker in tests: MDP calls as tasks, and a look at the queue to know that they have arrived."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc, management_service_pb2, management_service_pb2_grpc
from tests.support.eventually import eventually


def calling(
    channel: grpc.aio.Channel, body: bytes = b"?", *, service: str = "echo", **call: Any
) -> asyncio.Task[bytes]:
    """Begin a call; its result is the final reply."""
    stub: Any = broker_service_pb2_grpc.BrokerServiceStub(channel)
    message = pb.CallUnaryRequest(call=pb.CallRequest(service=service, body=body, **call))

    async def reply() -> bytes:
        return bytes((await stub.CallUnary(message, timeout=20)).body)

    return asyncio.create_task(reply())


async def queued(channel: grpc.aio.Channel, count: int, service: str = "echo") -> None:
    """Wait until so many calls wait for a worker of the service."""

    async def so_many() -> bool:
        return await queue_length(channel, service) == count

    await eventually(so_many, message=f"{count} queued calls")


async def queue_length(channel: grpc.aio.Channel, service: str = "echo") -> int:
    """Return how many calls wait for a worker of the service."""
    manager: Any = management_service_pb2_grpc.ManagementServiceStub(channel)
    listed = await manager.ListServices(management_service_pb2.ListServicesRequest(), timeout=5)
    return sum(each.queued_calls for each in listed.services if each.name == service)


async def calling_in_order(channel: grpc.aio.Channel, *calls: dict[str, Any]) -> list[asyncio.Task[bytes]]:
    """Begin calls that wait, one after the other."""
    tasks = []
    before = await queue_length(channel)
    for number, call in enumerate(calls, before + 1):
        tasks.append(calling(channel, **call))
        await queued(channel, number)
    return tasks
