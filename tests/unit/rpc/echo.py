"""A service of raw bytes, made in each test of the handlers that it needs, on port 0."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.mounts import Mount
from sparring.rpc.server import Server, running

SERVICE = "test.Echo"

unary = grpc.unary_unary_rpc_method_handler
server_stream = grpc.unary_stream_rpc_method_handler
client_stream = grpc.stream_unary_rpc_method_handler
both_streams = grpc.stream_stream_rpc_method_handler


def path(method: str) -> str:
    return f"/{SERVICE}/{method}"


def echo(**handlers: Any) -> Mount:
    handler = grpc.method_handlers_generic_handler(SERVICE, handlers)
    return Mount((handler,), (SERVICE,), frozenset(path(method) for method in handlers))


async def say(request: bytes, context: object) -> bytes:
    return request


def raising(error: BaseException) -> Any:
    async def handler(request: object, context: object) -> bytes:
        raise error

    return handler


@contextlib.asynccontextmanager
async def served(*, token: str | None = None, **handlers: Any) -> AsyncIterator[tuple[Server, Channel]]:
    """Serve the handlers, and open a channel that shows the right token."""
    async with (
        running("127.0.0.1:0", [echo(**handlers)], name="echo", token=token, drain_s=5.0) as server,
        open_channel(str(server.address), token=token, retries=False) as channel,
    ):
        yield server, channel


async def health_of(channel: grpc.aio.Channel, service: str = "") -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    return int(answer.status)
