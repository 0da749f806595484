"""The lifetime of a server: ready, draining, stopped; taken ports; several servers in one process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sparring.rpc.channels import open_channel
from sparring.rpc.health import Health
from sparring.rpc.mounts import mount, mount_handler
from sparring.rpc.server import running
from sparring.rpc.streams import until
from sparring.types.errors import (
    AbortedError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    UnavailableError,
)
from tests.support.eventually import eventually
from tests.unit.rpc.echo import SERVICE, both_streams, echo, health_of, path, say, served, server_stream, unary

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def test_a_server_answers_calls_and_says_that_it_and_its_services_serve() -> None:
    async with served(Say=unary(say)) as (server, channel):
        assert server.port > 0
        assert await channel.unary_unary(path("Say"))(b"hello") == b"hello"
        assert await health_of(channel) == SERVING
        assert await health_of(channel, SERVICE) == SERVING


async def test_health_of_an_unknown_service_is_not_found() -> None:
    async with served() as (_, channel):
        stub = health_pb2_grpc.HealthStub(channel)
        with pytest.raises(NotFoundError):
            await stub.Check(health_pb2.HealthCheckRequest(service="nobody"))


async def test_reflection_lists_every_mounted_service_and_describes_health() -> None:
    async with served(Say=unary(say)) as (_, channel):
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        listed = await call.read()
        names = {service.name for service in listed.list_services_response.service}
        assert names == {SERVICE, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
        await call.write(reflection_pb2.ServerReflectionRequest(file_containing_symbol="grpc.health.v1.Health"))
        described = await call.read()
        assert described.file_descriptor_response.file_descriptor_proto
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF


async def test_a_taken_port_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(FailedPreconditionError) as caught:
            async with running(address, [], name="echo"):
                raise AssertionError("never serves")
    assert caught.value.reason == "ADDRESS_NOT_BINDABLE"
    assert caught.value.metadata == {"address": address}
    assert "already in use" in caught.value.message


async def test_a_port_that_another_of_our_servers_listens_at_is_taken() -> None:
    async with running("127.0.0.1:0", [], name="first") as first:
        with pytest.raises(FailedPreconditionError):
            async with running(str(first.address), [], name="second"):
                raise AssertionError("never serves")


async def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        async with running("nonsense", [], name="echo"):
            raise AssertionError("never serves")
    assert caught.value.reason == "BAD_ADDRESS"


async def test_a_server_listens_at_a_unix_socket(tmp_path: Any) -> None:
    async with running(f"unix:{tmp_path}/echo", [echo(Say=unary(say))], name="echo") as server:
        assert server.port == 0
        async with open_channel(str(server.address)) as channel:
            assert await channel.unary_unary(path("Say"))(b"hello") == b"hello"


async def test_health_says_not_serving_as_soon_as_the_server_is_told_to_stop() -> None:
    async with served() as (server, channel):
        server.stop.set()
        await eventually(lambda: not server.health.serving)
        assert await health_of(channel) == NOT_SERVING
        assert await health_of(channel, SERVICE) == NOT_SERVING


async def test_a_server_that_drains_says_not_serving_refuses_new_calls_and_lets_open_ones_end() -> None:
    stop = asyncio.Event()
    entered, release = asyncio.Event(), asyncio.Event()

    async def slow(request: bytes, context: object) -> bytes:
        entered.set()
        await release.wait()
        return b"done"

    async def serve(address: asyncio.Future[str]) -> None:
        mounts = [echo(Slow=unary(slow), Say=unary(say))]
        async with running("127.0.0.1:0", mounts, name="echo", stop=stop, drain_s=30.0) as server:
            address.set_result(str(server.address))
            await stop.wait()

    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(address))
    async with open_channel(await address, retries=False) as channel:
        open_call = asyncio.ensure_future(channel.unary_unary(path("Slow"))(b""))
        await entered.wait()
        stop.set()

        async def refused() -> str:
            try:
                await channel.unary_unary(path("Say"))(b"")
            except UnavailableError as error:
                return error.reason
            return ""

        await eventually(refused)
        assert await refused() == "DRAINING"
        assert await health_of(channel) == NOT_SERVING
        assert not serving.done()
        release.set()
        assert await open_call == b"done"
        await asyncio.wait_for(serving, 10)
        with pytest.raises(UnavailableError) as caught:
            await channel.unary_unary(path("Say"))(b"")
        assert caught.value.reason == "UNAVAILABLE"


async def test_a_long_stream_sees_the_stop_and_ends_with_a_frame() -> None:
    stop = asyncio.Event()

    async def conversation(requests: AsyncIterator[bytes], context: object) -> AsyncIterator[bytes]:
        async for request in until(stop, requests):
            yield request
        yield b"goodbye"

    async with (
        running("127.0.0.1:0", [echo(Talk=both_streams(conversation))], name="echo", stop=stop) as server,
        open_channel(str(server.address)) as channel,
    ):
        call = channel.stream_stream(path("Talk"))()
        await call.write(b"hello")
        assert await call.read() == b"hello"
        stop.set()
        assert await call.read() == b"goodbye"
        assert await call.read() is grpc.aio.EOF


async def test_what_outlives_the_drain_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def forever(request: bytes, context: Any) -> None:
        await context.write(b"first")
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with running("127.0.0.1:0", [echo(Watch=server_stream(forever))], name="echo", drain_s=0.0) as server:
        channel = open_channel(str(server.address), retries=False)
        call = channel.unary_stream(path("Watch"))(b"")
        assert await call.read() == b"first"
    assert cancelled.is_set()
    with pytest.raises((UnavailableError, AbortedError)):
        await call.read()
    await channel.close()


async def test_a_health_watch_ends_with_not_serving_and_does_not_hold_up_the_stop() -> None:
    seen: list[int] = []
    async with running("127.0.0.1:0", [], name="echo", drain_s=60.0) as server:
        channel = open_channel(str(server.address))
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        seen.append((await watch.read()).status)
        following = asyncio.create_task(_statuses(watch))
    seen += await following
    assert seen == [SERVING, NOT_SERVING]
    await channel.close()


async def _statuses(watch: Any) -> list[int]:
    return [answer.status async for answer in watch]


async def test_a_service_may_set_statuses_of_its_own() -> None:
    health = Health()
    health.set(SERVICE, False)
    async with (
        running("127.0.0.1:0", [echo()], name="echo", health=health) as server,
        open_channel(str(server.address)) as channel,
    ):
        assert await health_of(channel) == SERVING
        assert await health_of(channel, SERVICE) == NOT_SERVING
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="later"))
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        health.set("later", True)
        assert (await watch.read()).status == SERVING
        health.forget("later")
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


async def test_a_raw_handler_gets_what_nobody_else_serves_and_neither_health_nor_a_servicer() -> None:
    class Everything(grpc.GenericRpcHandler):
        def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
            async def answer(request: bytes, context: object) -> bytes:
                return b"raw"

            return unary(answer)

    async with (
        running("127.0.0.1:0", [mount_handler(Everything()), echo(Say=unary(say))], name="echo") as server,
        open_channel(str(server.address)) as channel,
    ):
        assert await channel.unary_unary("/any.Thing/AtAll")(b"") == b"raw"
        assert await channel.unary_unary(path("Say"))(b"mine") == b"mine"
        assert await health_of(channel) == SERVING
        assert b'sparring_rpc_seconds_count{code="OK",method="other"} 1.0' in server.metrics.text()


async def test_a_generated_servicer_is_mounted_under_its_full_name() -> None:
    class Servicer(health_pb2_grpc.HealthServicer):
        pass

    mounted = mount(Servicer())
    assert mounted.services == ("grpc.health.v1.Health",)
    assert "/grpc.health.v1.Health/Watch" in mounted.methods
    with pytest.raises(TypeError):
        mount(object())


async def test_servers_in_one_process_count_for_themselves() -> None:
    async with served(Say=unary(say)) as (first, channel), served(Say=unary(say)) as (second, _):
        for _ in range(3):
            await channel.unary_unary(path("Say"))(b"")
        counted = b'sparring_rpc_seconds_count{code="OK",method="/test.Echo/Say"}'
        assert counted + b" 3.0" in first.metrics.text()
        assert counted not in second.metrics.text()
        assert b'service="echo"' in second.metrics.text()


async def test_an_error_in_the_block_comes_out_unwrapped_and_the_port_is_free_again() -> None:
    addresses: list[str] = []

    async def fail() -> None:
        async with running("127.0.0.1:0", [], name="echo") as server:
            addresses.append(str(server.address))
            raise KeyError("block")

    with pytest.raises(KeyError):
        await fail()
    async with running(addresses[0], [], name="echo") as server:
        assert str(server.address) == addresses[0]
