"""Peers that send what no client sends: the server answers the others all the same."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from grpc_health.v1 import health_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.request_ids import received_request_id
from sparring.rpc.server import Server
from sparring.types.errors import UnavailableError
from tests.support.eventually import eventually
from tests.unit.rpc.echo import both_streams, health_of, path, say, served, unary

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS, DATA = 4, 1, 0
END_STREAM, END_HEADERS = 1, 4


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def header(name: bytes, value: bytes) -> bytes:
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def request(method: bytes, *headers: bytes, message: bytes = b"\0\0\0\0\3abc") -> bytes:
    """Return the bytes of an HTTP/2 connection that makes one call; what gRPC would refuse to send is possible."""
    head = (
        header(b":method", b"POST")
        + header(b":scheme", b"http")
        + header(b":path", method)
        + header(b":authority", b"x")
        + header(b"content-type", b"application/grpc")
        + header(b"te", b"trailers")
        + b"".join(headers)
    )
    return (
        PREFACE
        + frame(SETTINGS, 0, 0, b"")
        + frame(HEADERS, END_HEADERS, 1, head)
        + frame(DATA, END_STREAM, 1, message)
    )


async def send(server: Server, data: bytes) -> None:
    """Send the bytes, and wait until the server has answered the call or has hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    said = b""
    try:
        async with asyncio.timeout(10):
            while b"grpc-status" not in said and (more := await reader.read(100_000)):
                said += more
    except ConnectionError:
        pass
    finally:
        writer.close()


async def answers(channel: Channel) -> bool:
    try:
        return bool(await channel.unary_unary(path("Say"))(b"hello") == b"hello")
    except UnavailableError:
        return False


def replaced(caplog: pytest.LogCaptureFixture) -> int:
    return sum("opening it again" in record.message for record in caplog.records)


async def test_a_method_that_is_no_text_does_not_end_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async with served(Say=unary(say)) as (server, channel):
        for times in (1, 2):
            await send(server, request(b"/test.Echo/\xff\xfe"))
            await eventually(lambda times=times: replaced(caplog) == times)
            await eventually(lambda: answers(channel), message="calls are answered again")
        assert await health_of(channel) == health_pb2.HealthCheckResponse.SERVING


async def test_a_stream_goes_on_while_the_listener_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    async def conversation(requests: AsyncIterator[bytes], context: object) -> AsyncIterator[bytes]:
        async for each in requests:
            yield each

    async with served(Talk=both_streams(conversation), Say=unary(say)) as (server, channel):
        call = channel.stream_stream(path("Talk"))()
        await call.write(b"before")
        assert await call.read() == b"before"
        await send(server, request(b"/test.Echo/\xff\xfe"))
        await eventually(lambda: replaced(caplog) == 1)
        async with open_channel(str(server.address)) as other:
            await eventually(lambda: answers(other))
        await call.write(b"after")
        assert await call.read() == b"after"
        await call.done_writing()


@pytest.mark.parametrize("turns", range(0, 16, 3))
async def test_a_server_can_be_stopped_while_its_listener_is_replaced(turns: int) -> None:
    async with asyncio.timeout(10), served(Say=unary(say)) as (server, _):
        await send(server, request(b"/test.Echo/\xff\xfe"))
        for _ in range(turns):
            await asyncio.sleep(0)


async def test_a_listener_that_is_replaced_again_and_again_still_answers(caplog: pytest.LogCaptureFixture) -> None:
    async with served(Say=unary(say)) as (server, channel):
        for times in range(1, 8):
            await send(server, request(b"/test.Echo/\xff\xfe"))
            await eventually(lambda times=times: replaced(caplog) == times)
        await eventually(lambda: answers(channel))


@pytest.mark.parametrize(
    "header_field",
    [
        header(b"authorization", b"\xff\xfe"),
        header(b"x-request-id", b"\xc3("),
        header(b"x-request-id", b"a\r\nb"),
        header(b"grpc-timeout", b"\xff"),
        header(b"grpc-status-details-bin", b"%%%"),
        header(b"sparring-service", b"\xff"),
    ],
)
async def test_metadata_that_is_no_text_does_no_harm(header_field: bytes) -> None:
    async with served(token="secret-1", Say=unary(say)) as (server, channel):
        await send(server, request(path("Say").encode(), header_field))
        assert await answers(channel)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0" * 10_000,
        PREFACE + b"\xff" * 1000,
        PREFACE + frame(SETTINGS, 0, 0, b"odd"),
        request(b"/test.Echo/Say", message=b"\0\xff\xff\xff\xff"),
        request(b"/test.Echo/Say", message=b"\1\0\0\0\3abc"),
        request(b""),
    ],
)
async def test_bytes_that_are_no_call_do_no_harm(data: bytes) -> None:
    async with served(Say=unary(say)) as (server, channel):
        await send(server, data)
        assert await answers(channel)


@given(st.lists(st.tuples(st.text(), st.text() | st.binary())))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_request_id_is_always_fit_for_a_log_line(metadata: list[tuple[str, str | bytes]]) -> None:
    for given_metadata in (metadata, [("x-request-id", value) for _, value in metadata]):
        found = received_request_id(given_metadata)
        assert 1 <= len(found) <= 64
        assert found.isascii()
        assert found.isprintable()
        assert " " not in found
