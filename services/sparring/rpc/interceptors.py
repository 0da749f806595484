"""What happens around every call that a server answers: request id, token, metrics, and errors as status codes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import Any, Final, NoReturn

import grpc

from sparring.rpc import logs
from sparring.rpc.health import SERVICE as HEALTH
from sparring.rpc.limits import bounded
from sparring.rpc.metrics import Metrics
from sparring.rpc.open_calls import OpenCalls
from sparring.rpc.request_ids import received_request_id
from sparring.rpc.status import Status, to_status
from sparring.rpc.tokens import check_token
from sparring.types.errors import AbortedError, InternalError, InvalidArgumentError, SparringError

_log = logging.getLogger(__name__)
_REFLECTION: Final = "/grpc.reflection."

Metadata = Iterable[tuple[str, str | bytes]]


class AroundCalls(grpc.aio.ServerInterceptor):
    """The one interceptor of a server; it wraps handlers of all four kinds, ours and the broker's raw ones.

    Whatever a handler raises becomes a status (see `status`); `AbortError` passes through. Requests that cannot be
    decoded and answers that are too large are errors like any other. The health service needs no token and answers
    while the server drains.
    """

    def __init__(self, *, methods: frozenset[str], token: str | None, metrics: Metrics, open_calls: OpenCalls) -> None:
        self._methods = methods
        self._token = token
        self._metrics = metrics
        self._open_calls = open_calls

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the wrapped handler, or None for a method that nobody serves (gRPC answers UNIMPLEMENTED)."""
        method = handler_call_details.method
        try:
            handler = await continuation(handler_call_details)
        except Exception as error:
            return self._wrapped(method, _refusal(error))
        return None if handler is None else self._wrapped(method, handler)

    def _wrapped(self, method: str, handler: Any) -> Any:
        decode, encode = _decoder(handler.request_deserializer, method), bounded(handler.response_serializer, method)
        behaviour = _behaviour(handler)
        streamed = handler.request_streaming  # its messages are decoded by gRPC, one by one, while the handler reads

        async def answer(request: Any, context: Any) -> bytes:
            async def once() -> bytes:
                outcome = behaviour(request if streamed else decode(request), context)
                message = await outcome if isawaitable(outcome) else outcome
                return encode(message) if _code(context) is grpc.StatusCode.OK else b""

            return await self._around(method, context, once)

        async def stream(request: Any, context: Any) -> None:
            async def each() -> bytes:
                await _write_all(behaviour(request if streamed else decode(request), context), context)
                return b""

            await self._around(method, context, each)

        if handler.response_streaming:
            if streamed:
                return grpc.stream_stream_rpc_method_handler(stream, decode, encode)
            return grpc.unary_stream_rpc_method_handler(stream, None, encode)
        if streamed:
            return grpc.stream_unary_rpc_method_handler(answer, decode, None)
        return grpc.unary_unary_rpc_method_handler(answer, None, None)

    async def _around(self, method: str, context: Any, call: Callable[[], Awaitable[bytes]]) -> bytes:
        started = time.perf_counter()
        label = method if method in self._methods else "other"  # a peer must not be able to make up labels
        metadata: Metadata = context.invocation_metadata() or ()
        request = received_request_id(metadata)
        logs.bind(**{logs.REQUEST: request})  # for this call's own task: nothing to undo
        code = "CANCELLED"
        with self._metrics.open_call(label):
            try:
                with self._admitted(method, metadata):
                    answer = await call()
                code = _code(context).name
                return answer
            except grpc.aio.AbortError:
                code = _code(context).name
                raise
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling() or context.done():
                    raise
                # Something inside was cancelled, not the call: without a status the caller would wait for ever.
                status = to_status(
                    AbortedError("CANCELLED", "What this call waited for was cancelled; start it again.")
                )
                code = status.code.name
                await _abort(context, status)
            except Exception as error:
                if context.done() or (isinstance(error, grpc.aio.BaseError) and not _misuse(error)):
                    raise  # the peer is gone or has its status: there is nobody to tell
                status = _status(error, context, request)
                _report(method, error, status)
                code = status.code.name
                await _abort(context, status)
            finally:
                self._metrics.called(label, code, time.perf_counter() - started)

    def _admitted(self, method: str, metadata: Metadata) -> contextlib.AbstractContextManager[None]:
        if method.startswith(f"/{HEALTH}/"):
            return contextlib.nullcontext()
        if self._token is not None:
            check_token(metadata, self._token)
        return contextlib.nullcontext() if method.startswith(_REFLECTION) else self._open_calls.admitted()


def _behaviour(handler: Any) -> Callable[[Any, Any], Any]:
    kinds = (handler.unary_unary, handler.unary_stream, handler.stream_unary, handler.stream_stream)
    found: Callable[[Any, Any], Any] = next(kind for kind in kinds if kind is not None)
    return found


def _refusal(error: Exception) -> Any:
    """Return a handler that raises; streaming on both sides, it suits every kind of call."""

    async def refuse(requests: object, context: object) -> NoReturn:
        raise error

    return grpc.stream_stream_rpc_method_handler(refuse)


def _decoder(decode: Callable[[bytes], Any] | None, method: str) -> Callable[[bytes], Any]:
    def decoded(data: bytes) -> Any:
        if decode is None:
            return data
        try:
            return decode(data)
        except Exception as error:
            raise InvalidArgumentError(
                "MALFORMED_REQUEST", f"The request is not a message of {method}: {error}.", method=method
            ) from error

    return decoded


async def _write_all(outcome: Any, context: Any) -> None:
    """Finish a handler that streams: an async generator, or a coroutine that writes by itself."""
    if not isinstance(outcome, AsyncIterable):
        await outcome
        return
    try:
        async for message in outcome:
            await context.write(message)
    finally:
        close = getattr(outcome, "aclose", None)
        if close is not None:
            await close()


def _code(context: Any) -> grpc.StatusCode:
    code = context.code()
    return code if isinstance(code, grpc.StatusCode) else grpc.StatusCode.OK


def _misuse(error: grpc.aio.BaseError) -> bool:
    return isinstance(error, grpc.aio.UsageError)


def _status(error: Exception, context: Any, request: str) -> Status:
    if isinstance(error, NotImplementedError) and _code(context) is grpc.StatusCode.UNIMPLEMENTED:
        return Status(grpc.StatusCode.UNIMPLEMENTED, context.details() or "Method not implemented.", b"")
    return to_status(error, request)


def _report(method: str, error: Exception, status: Status) -> None:
    ours = isinstance(error, SparringError) and not isinstance(error, InternalError)
    if ours or status.code is grpc.StatusCode.UNIMPLEMENTED:
        _log.info("%s answered %s: %s", method, status.code.name, status.message)
    else:
        _log.error("%s failed", method, exc_info=error)


async def _abort(context: Any, status: Status) -> NoReturn:
    await context.abort(status.code, status.message, status.trailing_metadata)
    raise AssertionError("abort always raises")
