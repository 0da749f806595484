"""What a handler raises reaches the caller as the same error, for all kinds of calls and both styles of streams."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sparring.rpc.channels import open_channel
from sparring.rpc.limits import MAX_MESSAGE_BYTES
from sparring.rpc.mounts import Mount, mount
from sparring.rpc.server import running
from sparring.types.errors import (
    AbortedError,
    FailedPreconditionError,
    HungError,
    InternalError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
)
from tests.support.eventually import eventually
from tests.unit.rpc.echo import (
    both_streams,
    client_stream,
    health_of,
    path,
    raising,
    say,
    served,
    server_stream,
    unary,
)

TERMINAL = FailedPreconditionError("RUN_ALREADY_TERMINAL", "Run 2 is already failed.", run="run-2", state="failed")
TOO_LARGE = bytes(MAX_MESSAGE_BYTES + 1)


def assert_terminal(error: BaseException) -> None:
    assert repr(error) == repr(TERMINAL)


async def one_then_terminal(request: object, context: object) -> AsyncIterator[bytes]:
    yield b"first"
    raise TERMINAL


async def one_then_terminal_by_hand(request: object, context: Any) -> None:
    await context.write(b"first")
    raise TERMINAL


async def test_the_error_of_a_unary_call_comes_back_as_itself() -> None:
    async with served(Fail=unary(raising(TERMINAL))) as (_, channel):
        with pytest.raises(FailedPreconditionError) as caught:
            await channel.unary_unary(path("Fail"))(b"")
    assert_terminal(caught.value)


@pytest.mark.parametrize("handler", [one_then_terminal, one_then_terminal_by_hand])
@pytest.mark.parametrize("kind", ["unary_stream", "stream_stream"])
async def test_the_error_of_a_stream_comes_after_what_was_sent(handler: Any, kind: str) -> None:
    method = server_stream(handler) if kind == "unary_stream" else both_streams(handler)
    async with served(Fail=method) as (_, channel):
        call = (
            channel.unary_stream(path("Fail"))(b"") if kind == "unary_stream" else channel.stream_stream(path("Fail"))()
        )
        assert await call.read() == b"first"
        with pytest.raises(FailedPreconditionError) as caught:
            await call.read()
        assert_terminal(caught.value)
        with pytest.raises(FailedPreconditionError):
            await call.read()  # asked again, it is no other


async def test_the_error_of_a_call_that_streams_requests_comes_back_as_itself() -> None:
    async with served(Fail=client_stream(raising(TERMINAL))) as (_, channel):
        with pytest.raises(FailedPreconditionError) as caught:
            await channel.stream_unary(path("Fail"))(iter([b"a", b"b"]))
    assert_terminal(caught.value)


async def test_a_write_to_a_stream_that_has_failed_says_why_it_failed() -> None:
    async with served(Fail=both_streams(raising(TERMINAL))) as (_, channel):
        call = channel.stream_stream(path("Fail"))()
        await call.code()
        with pytest.raises(FailedPreconditionError) as caught:
            await call.write(b"more")
    assert_terminal(caught.value)


async def test_a_write_to_a_stream_that_has_ended_says_so() -> None:
    async def end(requests: object, context: object) -> None:
        return

    async with served(End=both_streams(end)) as (_, channel):
        call = channel.stream_stream(path("End"))()
        await call.code()
        with pytest.raises(AbortedError) as caught:
            await call.write(b"more")
    assert caught.value.reason == "STREAM_ENDED"


@pytest.mark.parametrize("error", [LostError("WORKER_GONE", "Gone."), HungError("STEP_HUNG", "Hung.")])
async def test_errors_that_share_a_code_are_told_apart(error: Exception) -> None:
    async with served(Fail=unary(raising(error))) as (_, channel):
        with pytest.raises(type(error)):
            await channel.unary_unary(path("Fail"))(b"")


async def test_a_bug_is_logged_with_its_traceback_and_its_text_stays_here(caplog: pytest.LogCaptureFixture) -> None:
    async with served(Fail=unary(raising(KeyError("secret")))) as (_, channel):
        with pytest.raises(InternalError) as caught:
            await channel.unary_unary(path("Fail"))(b"", metadata=(("x-request-id", "ab-12"),))
    assert "secret" not in repr(caught.value)
    assert caught.value.metadata == {"request": "ab-12"}
    assert [record.exc_info is not None for record in caplog.records if record.levelno == logging.ERROR] == [True]


async def test_an_abort_passes_through_as_the_handler_wrote_it() -> None:
    async def abort(request: bytes, context: Any) -> None:
        await context.abort(grpc.StatusCode.DATA_LOSS, "forwarded", (("worker", "w1"),))

    async with served(Fail=unary(abort)) as (server, channel):
        call = channel.unary_unary(path("Fail"))(b"")
        with pytest.raises(InternalError) as caught:
            await call
        assert dict(await call.trailing_metadata()) == {"worker": "w1"}
        await eventually(lambda: b'code="DATA_LOSS"' in server.metrics.text())
    assert (caught.value.reason, caught.value.message) == ("DATA_LOSS", "forwarded")


async def test_a_code_that_the_handler_sets_is_the_status() -> None:
    async def set_code(request: bytes, context: Any) -> None:
        context.set_code(grpc.StatusCode.NOT_FOUND)
        context.set_details("no such thing")

    async with served(Fail=unary(set_code)) as (_, channel):
        with pytest.raises(NotFoundError, match="no such thing"):
            await channel.unary_unary(path("Fail"))(b"")


async def test_work_that_is_cancelled_inside_a_handler_does_not_leave_the_caller_waiting() -> None:
    async def handler(request: bytes, context: object) -> bytes:
        inner = asyncio.ensure_future(asyncio.Event().wait())
        inner.cancel()
        await inner
        return b""

    async with served(Fail=unary(handler)) as (_, channel):
        with pytest.raises(AbortedError) as caught:
            await channel.unary_unary(path("Fail"))(b"", timeout=10)
    assert caught.value.reason == "CANCELLED"


async def test_a_caller_that_leaves_cancels_the_handler_and_the_server_goes_on() -> None:
    entered, cancelled = asyncio.Event(), asyncio.Event()

    async def handler(request: bytes, context: object) -> bytes:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return b""

    async with served(Wait=unary(handler), Say=unary(say)) as (server, channel):
        call = channel.unary_unary(path("Wait"))(b"")
        waiting = asyncio.ensure_future(call)
        await entered.wait()
        waiting.cancel()
        await asyncio.wait_for(cancelled.wait(), 10)
        assert waiting.cancelled() or await asyncio.wait((waiting,), timeout=10)
        assert await channel.unary_unary(path("Say"))(b"hello") == b"hello"
        await eventually(lambda: b'code="CANCELLED",method="/test.Echo/Wait"} 1.0' in server.metrics.text())


async def test_a_generator_is_closed_when_its_caller_leaves() -> None:
    closed = asyncio.Event()

    async def endless(request: bytes, context: object) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more"
                await asyncio.sleep(0)
        finally:
            closed.set()

    async with served(Watch=server_stream(endless)) as (_, channel):
        call = channel.unary_stream(path("Watch"))(b"")
        assert await call.read() == b"more"
        call.cancel()
        await asyncio.wait_for(closed.wait(), 10)


async def test_a_method_that_a_servicer_leaves_out_is_unimplemented() -> None:
    class Nothing(health_pb2_grpc.HealthServicer):
        pass

    renamed = mount(Nothing()).handlers[0]

    class Renamed(grpc.GenericRpcHandler):
        def service(self, handler_call_details: Any) -> Any:
            class Details:
                method = handler_call_details.method.replace("test.Nothing", "grpc.health.v1.Health")
                invocation_metadata = handler_call_details.invocation_metadata

            return renamed.service(Details())

    async with (
        running("127.0.0.1:0", [Mount((Renamed(),), ("test.Nothing",))], name="echo") as server,
        open_channel(str(server.address)) as channel,
    ):
        request = health_pb2.HealthCheckRequest().SerializeToString()
        for call in (channel.unary_unary("/test.Nothing/Check"), channel.unary_unary("/test.Nothing/Unheard")):
            with pytest.raises(InvalidArgumentError) as caught:
                await call(request)
            assert caught.value.reason == "UNIMPLEMENTED"


async def test_an_error_while_a_raw_handler_looks_for_a_method_reaches_the_caller() -> None:
    class Router(grpc.GenericRpcHandler):
        def service(self, handler_call_details: object) -> Any:
            raise NotFoundError("NO_SERVICE", "No such service.", service="x")

    async with (
        running("127.0.0.1:0", [Mount((Router(),))], name="echo") as server,
        open_channel(str(server.address)) as channel,
    ):
        with pytest.raises(NotFoundError) as caught:
            await channel.unary_unary("/any.Thing/AtAll")(b"")
        assert caught.value.metadata == {"service": "x"}
        assert await health_of(channel) == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("kind", ["unary_unary", "stream_unary", "unary_stream", "stream_stream"])
async def test_bytes_that_are_no_message_are_an_error_of_the_caller(kind: str) -> None:
    async def once(request: Any, context: object) -> bytes:
        if hasattr(request, "__aiter__"):
            async for _ in request:
                raise AssertionError("not decodable")
        return b""

    async def stream(request: Any, context: object) -> AsyncIterator[bytes]:
        yield await once(request, context)

    make = getattr(grpc, f"{kind}_rpc_method_handler")
    handler = make(once if kind.endswith("unary") else stream, StringValue.FromString)
    sent = iter([b"\xff\xff"]) if kind.startswith("stream") else b"\xff\xff"
    async with served(Take=handler) as (_, channel):
        call = getattr(channel, kind)(path("Take"))(sent)
        with pytest.raises(InvalidArgumentError) as caught:
            await (call if kind.endswith("unary") else call.read())
    assert caught.value.reason == "MALFORMED_REQUEST"
    assert caught.value.metadata == {"method": path("Take")}


async def large(request: object, context: object) -> bytes:
    return TOO_LARGE


async def large_stream(request: object, context: object) -> AsyncIterator[bytes]:
    yield TOO_LARGE


async def large_by_hand(request: object, context: Any) -> None:
    await context.write(TOO_LARGE)


async def test_an_answer_above_the_limit_is_refused_before_it_is_sent() -> None:
    handlers = {"Once": unary(large), "Stream": server_stream(large_stream), "Hand": server_stream(large_by_hand)}
    async with served(**handlers) as (_, channel):
        for method in handlers:
            call = (channel.unary_unary if method == "Once" else channel.unary_stream)(path(method))(b"")
            with pytest.raises(InvalidArgumentError) as caught:
                await (call if method == "Once" else call.read())
            assert caught.value.reason == "MESSAGE_TOO_LARGE"
            assert caught.value.metadata["limit_bytes"] == str(MAX_MESSAGE_BYTES)
