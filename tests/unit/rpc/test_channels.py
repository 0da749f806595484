"""The rules of calls, with both kinds of channel: deadlines, token, request id, size, and errors of our tree."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sparring.rpc import logs
from sparring.rpc.calling import DEADLINE_S, STREAM_DEADLINE_S, channel_options
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.limits import MAX_MESSAGE_BYTES
from sparring.rpc.server import running
from sparring.rpc.sync_channels import SyncChannel, open_sync_channel
from sparring.types.errors import (
    AbortedError,
    DeadlineError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    UnavailableError,
)
from tests.unit.rpc.echo import both_streams, client_stream, path, raising, say, served, server_stream, unary

TOO_LARGE = bytes(MAX_MESSAGE_BYTES + 1)


async def metadata_of(request: bytes, context: Any) -> bytes:
    remaining_s = context.time_remaining()
    found = dict(context.invocation_metadata())
    return f"{found.get('x-request-id')} {found.get('authorization')} {remaining_s is not None}".encode()


async def remaining(request: object, context: Any) -> AsyncIterator[bytes]:
    yield str(context.time_remaining()).encode()


async def never(request: object, context: object) -> bytes:
    await asyncio.Event().wait()
    return b""


async def counted(requests: AsyncIterator[bytes], context: object) -> bytes:
    return str([request async for request in requests]).encode()


async def echoed(requests: AsyncIterator[bytes], context: object) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request


class Both:
    """One interface to both kinds of channel, for what must be equal."""

    def __init__(self, channel: Channel | SyncChannel) -> None:
        self._channel = channel

    async def unary(self, method: str, request: Any, encode: Any = None, decode: Any = None, **given: Any) -> Any:
        call = self._channel.unary_unary(path(method), encode, decode)
        if isinstance(self._channel, Channel):
            return await call(request, **given)
        return await asyncio.to_thread(call, request, **given)

    async def stream_unary(self, method: str, requests: Any, **given: Any) -> Any:
        call = self._channel.stream_unary(path(method))
        if isinstance(self._channel, Channel):
            return await call(requests, **given)
        return await asyncio.to_thread(call, requests, **given)

    async def streamed(self, kind: str, method: str, request: Any, **given: Any) -> list[Any]:
        call = getattr(self._channel, kind)(path(method))
        if isinstance(self._channel, Channel):
            return [message async for message in call(request, **given)]
        return await asyncio.to_thread(lambda: list(call(request, **given)))

    async def close(self) -> None:
        if isinstance(self._channel, Channel):
            await self._channel.close()
        else:
            self._channel.close()


@pytest.fixture(params=[open_channel, open_sync_channel])
def opened(request: pytest.FixtureRequest) -> Callable[..., Both]:
    return lambda *args, **given: Both(request.param(*args, **given))


async def test_all_four_kinds_of_calls_bring_messages_there_and_back(opened: Callable[..., Both]) -> None:
    handlers = {
        "Say": unary(say),
        "Count": client_stream(counted),
        "Left": server_stream(remaining),
        "Talk": both_streams(echoed),
    }
    async with served(**handlers) as (server, _):
        channel = opened(str(server.address))
        assert await channel.unary("Say", b"hello") == b"hello"
        assert await channel.stream_unary("Count", iter([b"a", b"b"])) == b"[b'a', b'b']"
        assert len(await channel.streamed("unary_stream", "Left", b"")) == 1
        assert await channel.streamed("stream_stream", "Talk", iter([b"a", b"b"])) == [b"a", b"b"]
        await channel.close()


async def test_messages_are_serialized_and_parsed(opened: Callable[..., Both]) -> None:
    async with served(Say=unary(say)) as (server, _):
        channel = opened(str(server.address))
        sent = StringValue(value="hello")
        assert await channel.unary("Say", sent, StringValue.SerializeToString, StringValue.FromString) == sent
        with pytest.raises(InternalError) as caught:
            await channel.unary("Say", b"\xff\xff", None, StringValue.FromString)
        assert caught.value.reason == "MALFORMED_RESPONSE"
        await channel.close()


async def test_errors_come_back_as_ours(opened: Callable[..., Both]) -> None:
    async with served(Fail=unary(raising(NotFoundError("NO_RUN", "No run 2.", run=2)))) as (server, _):
        channel = opened(str(server.address))
        with pytest.raises(NotFoundError) as caught:
            await channel.unary("Fail", b"")
        assert (caught.value.reason, caught.value.metadata) == ("NO_RUN", {"run": "2"})
        await channel.close()


async def test_a_call_that_outlives_its_deadline_names_method_target_and_deadline(opened: Callable[..., Both]) -> None:
    async with served(Never=unary(never), Stream=server_stream(never)) as (server, _):
        channel = opened(str(server.address))
        for call in (
            channel.unary("Never", b"", timeout=0.05),
            channel.streamed("unary_stream", "Stream", b"", timeout=0.05),
        ):
            with pytest.raises(DeadlineError) as caught:
                await call
            assert caught.value.reason == "DEADLINE_EXCEEDED"
            assert "0.05 s" in caught.value.message
            assert caught.value.metadata["target"] == str(server.address)
        await channel.close()


async def test_a_channel_has_a_deadline_for_calls_that_name_none(opened: Callable[..., Both]) -> None:
    async with served(Never=unary(never)) as (server, _):
        channel = opened(str(server.address), deadline_s=0.05)
        with pytest.raises(DeadlineError):
            await channel.unary("Never", b"")
        await channel.close()


@pytest.mark.parametrize("given", [{}, {"timeout": None}, {"timeout": float("inf")}])
async def test_no_call_is_without_a_deadline(opened: Callable[..., Both], given: dict[str, Any]) -> None:
    async with served(Left=server_stream(remaining), Once=unary(metadata_of)) as (server, _):
        channel = opened(str(server.address))
        [left] = await channel.streamed("unary_stream", "Left", b"", **given)
        assert float(left) == pytest.approx(STREAM_DEADLINE_S, rel=0.05)  # HTTP/2 carries it in whole hours
        assert (await channel.unary("Once", b"", **given)).endswith(b"True")
        assert DEADLINE_S < STREAM_DEADLINE_S
        await channel.close()


async def test_token_and_request_id_travel_with_every_call(opened: Callable[..., Both]) -> None:
    async with served(token="secret-1", Once=unary(metadata_of)) as (server, _):
        channel = opened(str(server.address), token="secret-1")
        with logs.bound(request="ab-12"):
            assert await channel.unary("Once", b"") == b"ab-12 Bearer secret-1 True"
        answer = await channel.unary("Once", b"", metadata=(("x-request-id", "own"),))
        assert answer.startswith(b"own ")
        made = (await channel.unary("Once", b"")).split(b" ")[0]
        assert len(made) == 16
        await channel.close()


async def test_a_request_above_the_limit_is_refused_before_it_is_sent(opened: Callable[..., Both]) -> None:
    async with served(Say=unary(say), Talk=both_streams(echoed), Count=client_stream(counted)) as (server, _):
        channel = opened(str(server.address))
        for call in (
            channel.unary("Say", TOO_LARGE),
            channel.stream_unary("Count", iter([b"a", TOO_LARGE])),
            channel.streamed("stream_stream", "Talk", iter([TOO_LARGE])),
        ):
            with pytest.raises(InvalidArgumentError) as caught:
                await call
            assert caught.value.reason == "MESSAGE_TOO_LARGE"
        assert b'code="OK",method="/test.Echo/Say"' not in server.metrics.text()
        await channel.close()


async def test_a_message_of_the_largest_size_passes(opened: Callable[..., Both]) -> None:
    async with served(Say=unary(say)) as (server, _):
        channel = opened(str(server.address))
        assert len(await channel.unary("Say", bytes(MAX_MESSAGE_BYTES))) == MAX_MESSAGE_BYTES
        await channel.close()


async def test_what_the_messages_to_be_sent_raise_comes_back_as_it_is(opened: Callable[..., Both]) -> None:
    def requests() -> Iterator[bytes]:
        yield b"first"
        raise KeyError("mine")

    async with served(Talk=both_streams(echoed), Count=client_stream(counted)) as (server, _):
        channel = opened(str(server.address))
        with pytest.raises(KeyError, match="mine"):
            await channel.streamed("stream_stream", "Talk", requests())
        with pytest.raises(KeyError, match="mine"):
            await channel.stream_unary("Count", requests())
        await channel.close()


async def test_a_target_where_nobody_listens_is_named(opened: Callable[..., Both]) -> None:
    async with running("127.0.0.1:0", [], name="gone") as server:
        address = str(server.address)
    channel = opened(address)
    with pytest.raises(UnavailableError) as caught:
        await channel.unary("Say", b"")
    assert address in caught.value.message
    assert caught.value.metadata == {"method": path("Say"), "target": address}
    await channel.close()


async def test_a_call_that_finds_nobody_is_repeated_a_bounded_number_of_times(opened: Callable[..., Both]) -> None:
    called = 0

    async def busy(request: bytes, context: object) -> bytes:
        nonlocal called
        called += 1
        if called % 3:
            raise UnavailableError("DRAINING", "Another one will answer.")
        return b"third"

    async def always(request: bytes, context: object) -> bytes:
        nonlocal called
        called += 1
        raise UnavailableError("DRAINING", "Another one will answer.")

    async with served(Busy=unary(busy), Always=unary(always)) as (server, _):
        channel = opened(str(server.address))
        assert await channel.unary("Busy", b"") == b"third"
        called = 0
        with pytest.raises(UnavailableError):
            await channel.unary("Always", b"")
        assert called == 4
        await channel.close()
        called = 0
        unretried = opened(str(server.address), retries=False)
        with pytest.raises(UnavailableError):
            await unretried.unary("Busy", b"")
        assert called == 1
        await unretried.close()


async def test_a_stream_that_this_process_cancels_is_aborted_not_cancelled_like_a_task() -> None:
    entered = asyncio.Event()

    async def wait(request: bytes, context: object) -> None:
        entered.set()
        await asyncio.Event().wait()

    async with served(Never=unary(never), Stream=server_stream(wait)) as (_, channel):
        stream = channel.unary_stream(path("Stream"))(b"")
        reading = asyncio.create_task(stream.read())
        await entered.wait()
        stream.cancel()
        with pytest.raises(AbortedError) as caught:
            await reading
        assert caught.value.reason == "CANCELLED"
        call = channel.unary_unary(path("Never"))(b"")
        waiting = asyncio.ensure_future(call)
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(AbortedError):
            await waiting


async def test_a_task_that_is_cancelled_while_it_waits_is_cancelled() -> None:
    async with served(Never=unary(never)) as (_, channel):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await channel.unary_unary(path("Never"))(b"")


async def test_a_stream_of_a_thread_can_be_cancelled_from_another() -> None:
    async with served(Stream=server_stream(never)) as (server, _):
        with open_sync_channel(str(server.address)) as channel:
            stream = channel.unary_stream(path("Stream"))(b"")
            reading = asyncio.ensure_future(asyncio.to_thread(next, stream))
            stream.cancel()
            with pytest.raises(AbortedError):
                await reading


async def test_the_calls_own_properties_are_at_hand() -> None:
    async with served(Say=unary(say)) as (_, channel):
        call = channel.unary_unary(path("Say"))(b"hello")
        assert await call == b"hello"
        assert await call == b"hello"
        assert await call.code() is grpc.StatusCode.OK
        assert call.done()


def test_a_proxy_is_used_only_where_one_is_named() -> None:
    assert dict(channel_options(retries=True, extra=()))["grpc.enable_http_proxy"] == 0
    named = dict(channel_options(retries=False, extra=[("grpc.http_proxy", "http://relay:1")]))
    assert (named["grpc.enable_http_proxy"], named["grpc.enable_retries"]) == (1, 0)
