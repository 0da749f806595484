"""The plaintext port: health for probes, metrics for Prometheus, and nothing else."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from sparring.rpc.channels import open_channel
from sparring.rpc.server import Server, running
from sparring.types.errors import FailedPreconditionError
from tests.unit.rpc.echo import SERVICE, echo, path, say, unary


@contextlib.asynccontextmanager
async def serving(stop: asyncio.Event | None = None) -> AsyncIterator[Server]:
    async with running(
        "127.0.0.1:0", [echo(Say=unary(say))], name="echo", http_address="127.0.0.1:0", stop=stop
    ) as server:
        yield server


async def exchange(server: Server, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
    writer.write(sent)
    async with asyncio.timeout(10):
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    writer.close()
    status, *lines = head.decode().split("\r\n")
    return int(status.split(" ")[1]), dict(line.lower().split(": ", 1) for line in lines), body


async def get(server: Server, target: str) -> tuple[int, bytes]:
    status, _, body = await exchange(server, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return status, body


async def test_a_server_that_serves_is_healthy_and_ready() -> None:
    async with serving() as server:
        assert await get(server, "/healthz") == (200, b"SERVING\n")
        assert await get(server, "/readyz?verbose=1") == (200, b"SERVING\n")


async def test_a_service_that_is_not_ready_is_healthy_and_named() -> None:
    async with serving() as server:
        server.health.set(SERVICE, False)
        assert await get(server, "/healthz") == (200, b"SERVING\n")
        assert await get(server, "/readyz") == (503, b"NOT_SERVING test.Echo\n")


async def test_a_server_that_drains_is_neither() -> None:
    async with serving() as server:
        server.health.close()
        assert await get(server, "/healthz") == (503, b"NOT_SERVING\n")
        assert await get(server, "/readyz") == (503, b"NOT_SERVING everything\nNOT_SERVING test.Echo\n")


async def test_metrics_count_calls_by_method_and_code_and_say_what_answers() -> None:
    async with serving() as server, open_channel(str(server.address)) as channel:
        await channel.unary_unary(path("Say"))(b"hello")
        status, headers, body = await exchange(server, b"GET /metrics HTTP/1.0\r\n\r\n")
        assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert headers["content-length"] == str(len(body))
        assert b'sparring_rpc_seconds_count{code="OK",method="/test.Echo/Say"} 1.0' in body
        assert b'sparring_rpc_open{method="/test.Echo/Say"} 0.0' in body
        assert b'sparring_service_info{service="echo"' in body
        assert b"process_resident_memory_bytes" in body


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"POST /healthz HTTP/1.1\r\n\r\n", 405),
        (b"\xff\xfe\r\n\r\n", 400),
        (b"GET /healthz\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 10_000 + b"\r\n\r\n", 400),
    ],
)
async def test_other_requests_are_refused(sent: bytes, status: int) -> None:
    async with serving() as server:
        assert (await exchange(server, sent))[0] == status
        assert await get(server, "/healthz") == (200, b"SERVING\n")


async def test_a_head_request_has_no_body() -> None:
    async with serving() as server:
        status, headers, body = await exchange(server, b"HEAD /healthz HTTP/1.1\r\n\r\n")
        assert (status, headers["content-length"], body) == (200, "8", b"")


async def test_connections_that_say_nothing_do_not_hold_up_the_stop_nor_others() -> None:
    async with contextlib.AsyncExitStack() as silent, serving() as server:
        for _ in range(3):
            _, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
            silent.callback(writer.close)
        assert await get(server, "/healthz") == (200, b"SERVING\n")


async def test_connections_above_the_limit_are_closed() -> None:
    async with serving() as server:
        open_connections = [await asyncio.open_connection("127.0.0.1", server.http_port) for _ in range(64)]
        reader, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        for _, each in [*open_connections, (reader, writer)]:
            each.close()


async def test_a_taken_http_port_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(FailedPreconditionError) as caught:
            async with running("127.0.0.1:0", [], name="echo", http_address=address):
                raise AssertionError("never serves")
    assert caught.value.reason == "ADDRESS_NOT_BINDABLE"
    assert "already in use" in caught.value.message
