"""Step streams against ends that know nothing of them: grpc.aio, grpc's synchronous stubs, bare sockets."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from sparring.rpc.status import to_status
from sparring.rpc.step_stream import ServerStream, StepChannel
from sparring.types.errors import InvalidArgumentError, LostError, NotFoundError, SparringError
from tests.support.eventually import eventually_sync
from tests.unit.rpc.step_stream.pairs import METHOD, SOON_S, TRANSPORTS, Pair, echo

SERVICE, _, NAME = METHOD[1:].partition("/")
NO_GRID = NotFoundError("NO_SUCH_ENVIRONMENT", "There is no environment grid.", environment="grid")


@pytest.fixture(params=TRANSPORTS)
def ours(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """One transport for our end, whichever that is."""
    with contextlib.ExitStack() as resources:
        yield Pair(request.param, request.param, resources)


async def answer(_: object, context: "grpc.aio.ServicerContext[bytes, bytes]") -> None:
    """What a foreign server does: echo, and end as the message says."""
    while (message := await context.read()) is not grpc.aio.EOF:
        if message == b"fail":
            status = to_status(NO_GRID)
            await context.abort(status.code, status.message, status.trailing_metadata)
        if message == b"plainly":
            await context.abort(grpc.StatusCode.OUT_OF_RANGE, "That is too far.")
        if message == b"unavailable":
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        await context.write(message)


@pytest.fixture
async def foreign_port() -> AsyncIterator[int]:
    server = grpc.aio.server()
    handlers = {NAME: grpc.stream_stream_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(None)


def converse(ours: Pair, port: int) -> list[object]:
    """Say everything that the foreign server understands; return what came of it."""
    found: list[object] = []
    with StepChannel(f"127.0.0.1:{port}", transport=ours.client) as channel:
        for question in (b"", b"question", bytes(100_000), b"fail", b"plainly", b"unavailable"):
            with channel.open_stream(METHOD) as stream:
                try:
                    assert stream.exchange(question, SOON_S) == question
                    stream.done_sending()
                    found.append(stream.receive(SOON_S))
                except SparringError as error:
                    found.append(error)
    return found


async def test_a_grpc_aio_server_is_answered_to_by_our_client(ours: Pair, foreign_port: int) -> None:
    *ended, failed, plainly, unavailable = await asyncio.to_thread(converse, ours, foreign_port)
    assert ended == [None, None, None]
    assert isinstance(failed, NotFoundError)
    assert (failed.reason, failed.metadata) == (NO_GRID.reason, NO_GRID.metadata)
    assert isinstance(plainly, InvalidArgumentError)
    assert (plainly.reason, str(plainly)) == ("OUT_OF_RANGE", "That is too far.")
    assert isinstance(unavailable, LostError)


async def test_a_grpc_aio_client_is_served_by_our_server(ours: Pair) -> None:
    port = ours.serve().bind()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.stream_stream(METHOD)()
        for message in (b"", b"question", bytes(100_000)):
            await call.write(message)
            assert await call.read() == message
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK


def test_a_synchronous_stub_reads_our_error_info(ours: Pair) -> None:
    def fail(stream: ServerStream) -> None:
        raise NO_GRID

    port = ours.serve(fail).bind()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, pytest.raises(grpc.RpcError) as caught:
        next(channel.stream_stream(METHOD)(iter([b"question"])))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    status = rpc_status.from_call(caught.value)
    assert status is not None
    info = error_details_pb2.ErrorInfo.FromString(status.details[0].value)
    assert (info.reason, info.domain, dict(info.metadata)) == ("NO_SUCH_ENVIRONMENT", "sparring", NO_GRID.metadata)


def test_a_call_deadline_of_a_foreign_client_ends_the_handler(ours: Pair) -> None:
    lost: list[SparringError] = []

    def wait(stream: ServerStream) -> None:
        try:
            stream.receive(SOON_S)
            stream.receive(SOON_S)
        except SparringError as error:
            lost.append(error)
            raise

    server = ours.serve(wait)
    with grpc.insecure_channel(f"127.0.0.1:{server.bind()}") as channel, pytest.raises(grpc.RpcError):
        next(channel.stream_stream(METHOD)(_one_and_open(), timeout=0.2))
    server.stop(SOON_S)
    assert [error.reason for error in lost] == ["STREAM_BROKEN"]


def _one_and_open() -> Iterator[bytes]:
    yield b"question"
    threading.Event().wait(0.5)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(1000),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)) + bytes((0, 0, 5, 0, 1, 0, 0, 0, 1)),
    ],
    ids=["http1", "zeros", "frame", "data-before-headers"],
)
def test_garbage_on_the_port_harms_nobody_else(ours: Pair, garbage: bytes) -> None:
    server = ours.serve()
    with ours.connect(server).open_stream(METHOD) as stream:
        assert stream.exchange(b"before", SOON_S) == b"before"
        with socket.create_connection(("127.0.0.1", server.bind()), SOON_S) as peer:
            peer.sendall(garbage)
            assert stream.exchange(b"meanwhile", SOON_S) == b"meanwhile"
        assert stream.exchange(b"after", SOON_S) == b"after"


@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(1000), b""], ids=len)
def test_a_server_that_speaks_no_grpc_gives_an_error(ours: Pair, garbage: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        channel = StepChannel(f"127.0.0.1:{server.getsockname()[1]}", transport=ours.client)
        with channel, channel.open_stream(METHOD) as stream:
            stream.ask(b"question")
            peer, _ = server.accept()
            peer.sendall(garbage)
            peer.close()
            server.close()
            with pytest.raises(SparringError):
                stream.receive(SOON_S)


@pytest.mark.parametrize(
    "message", [b"\x01\x00\x00\x00\x01x", b"\x00\x00\x00\x00\x05x"], ids=["compressed-by-nobody", "cut-short"]
)
def test_a_malformed_message_breaks_only_its_own_stream(ours: Pair, message: bytes) -> None:
    received: list[bytes | str | None] = []

    def note(stream: ServerStream) -> None:
        try:
            received.append(stream.peek(SOON_S))
            echo(stream)
        except SparringError as error:
            received.append(error.reason)
            raise

    server = ours.serve(note)
    with ours.connect(server).open_stream(METHOD) as stream:
        assert stream.exchange(b"before", SOON_S) == b"before"
        with socket.create_connection(("127.0.0.1", server.bind()), SOON_S) as peer:
            peer.sendall(_call(message))
            eventually_sync(lambda: len(received) == 2)  # the end, or with an older gRPC the bytes as they are
        assert stream.exchange(b"after", SOON_S) == b"after"


def _call(message: bytes) -> bytes:
    """Write the HTTP/2 frames of one call with one message, which is the client's last."""
    headers = {
        ":method": "POST",
        ":scheme": "http",
        ":path": METHOD,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    literal = b"".join(
        bytes((0, len(key))) + key.encode() + bytes((len(value),)) + value.encode() for key, value in headers.items()
    )
    return (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b"") + _frame(1, 4, 1, literal) + _frame(0, 1, 1, message)
    )


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
