"""Channels for asyncio: what a stub is given, with deadlines, token, request id, size check and our errors.

async with open_channel("127.0.0.1:7000", token=token) as channel:
    await StoreServiceStub(channel).GetRun(request, timeout=5)   # raises SparringError, never grpc.RpcError
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import grpc

from sparring.rpc.calling import DEADLINE_S, STREAM_DEADLINE_S, Calling, channel_options
from sparring.rpc.tls import Tls
from sparring.types.errors import AbortedError, SparringError


def open_channel(
    target: str,
    *,
    token: str | None = None,
    tls: Tls | None = None,
    deadline_s: float = DEADLINE_S,
    retries: bool = True,
    options: Iterable[tuple[str, Any]] = (),
) -> Channel:
    """Open a channel; it connects when first used.

    Args:
        target: `host:port`, `unix:path` or any other name that gRPC resolves.
        token: shown with every call.
        tls: None means plaintext.
        deadline_s: for calls that name none and are answered by one message; streams have 30 days.
        retries: repeat a call that ended as UNAVAILABLE before anything was answered, up to three times.
        options: further channel arguments, such as `grpc.http_proxy`.
    """
    arguments = channel_options(retries, options)
    if tls is None:
        inner = grpc.aio.insecure_channel(target, arguments)
    else:
        inner = grpc.aio.secure_channel(target, tls.channel_credentials(), arguments)
    return Channel(inner, target, token, deadline_s)


class Channel(grpc.aio.Channel):
    """A grpc.aio channel whose calls follow the rules of `calling`.

    A call that ends badly raises a SparringError from awaiting it, iterating over it, `read` and `write`. That of a
    call which this process cancelled is AbortedError with reason CANCELLED; asyncio.CancelledError is only raised when
    the waiting task itself is cancelled.
    """

    def __init__(self, inner: grpc.aio.Channel, target: str, token: str | None, deadline_s: float) -> None:
        self._inner = inner
        self._target = target
        self._token = token
        self._deadline_s = deadline_s

    def _calling(self, method: str, deadline_s: float, encode: Any, decode: Any) -> Calling:
        return Calling.of(self._target, method, self._token, deadline_s, encode, decode)

    def unary_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that sends one message and is answered by one."""
        calling = self._calling(method, self._deadline_s, request_serializer, response_deserializer)
        inner: Any = self._inner.unary_unary(method)
        return lambda request, **given: Answer(calling, inner, calling.encode(request), **given)

    def unary_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that sends one message and is answered by a stream."""
        calling = self._calling(method, STREAM_DEADLINE_S, request_serializer, response_deserializer)
        inner: Any = self._inner.unary_stream(method)
        return lambda request, **given: Stream(calling, inner, calling.encode(request), **given)

    def stream_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that sends a stream and is answered by one message."""
        calling = self._calling(method, self._deadline_s, request_serializer, response_deserializer)
        inner: Any = self._inner.stream_unary(method)
        return lambda requests=None, **given: Answer(calling, inner, _Requests.of(calling, requests), **given)

    def stream_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that opens a stream in both directions."""
        calling = self._calling(method, STREAM_DEADLINE_S, request_serializer, response_deserializer)
        inner: Any = self._inner.stream_stream(method)
        return lambda requests=None, **given: Stream(calling, inner, _Requests.of(calling, requests), **given)

    async def close(self, grace: float | None = None) -> None:
        """Cancel what is still open after `grace` seconds, and close."""
        await self._inner.close(grace)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """Return whether the channel is connected."""
        return self._inner.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Wait until the state is another one."""
        await self._inner.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Wait until the channel is connected; the caller sets the deadline."""
        await self._inner.channel_ready()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Requests:
    """The messages that a caller streams, serialized; keeps the error that gRPC would only log."""

    def __init__(self, calling: Calling, requests: Any) -> None:
        self._calling = calling
        self._requests = requests
        self.error: Exception | None = None

    @classmethod
    def of(cls, calling: Calling, requests: Any) -> _Requests | None:
        return None if requests is None else cls(calling, requests)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            if hasattr(self._requests, "__aiter__"):
                async for request in self._requests:
                    yield self._calling.encode(request)
            else:
                for request in self._requests:
                    yield self._calling.encode(request)
        except Exception as error:
            self.error = error
            raise


class _Call:
    """One call. What is not here (`code`, `trailing_metadata`, `cancel`, ...) is the grpc.aio call's own."""

    def __init__(
        self,
        calling: Calling,
        inner: Callable[..., Any],
        request: bytes | _Requests | None,
        *,
        timeout: float | None = None,
        metadata: Sequence[tuple[str, str | bytes]] | None = None,
        **given: Any,
    ) -> None:
        self._calling = calling
        self._timeout_s = calling.timeout_s(timeout)
        self._requests = request if isinstance(request, _Requests) else None
        sent = request if self._requests is None else aiter(self._requests)
        self._call = inner(sent, timeout=self._timeout_s, metadata=calling.metadata(metadata), **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    @contextlib.contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except grpc.RpcError as error:
            raise self._calling.error(error, self._timeout_s) from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            if self._requests is not None and self._requests.error is not None:
                raise self._requests.error from None
            raise self._cancelled() from None

    def _cancelled(self) -> SparringError:
        method = self._calling.method
        return AbortedError("CANCELLED", f"This process cancelled its call of {method}.", method=method)

    async def write(self, request: Any) -> None:
        """Send one message; for calls that were opened without an iterator.

        Raises:
            SparringError: the call is over. Where it ended well, AbortedError with reason STREAM_ENDED.
        """
        data = self._calling.encode(request)
        with self._our_errors():
            try:
                await self._call.write(data)
            except asyncio.InvalidStateError:
                await self._raise_how_it_ended()

    async def _raise_how_it_ended(self) -> None:
        code = await self._call.code()
        if code is grpc.StatusCode.OK:
            method = self._calling.method
            raise AbortedError("STREAM_ENDED", f"{self._calling.target} has ended {method}.", method=method)
        if self._call.cancelled():
            raise self._cancelled()
        raise grpc.aio.AioRpcError(
            code,
            await self._call.initial_metadata(),
            await self._call.trailing_metadata(),
            await self._call.details(),
            await self._call.debug_error_string(),
        )


class Answer(_Call):
    """A call that is answered by one message: await it."""

    def __await__(self) -> Any:
        return self._answer().__await__()

    async def _answer(self) -> Any:
        with self._our_errors():
            data = await self._call
        return self._calling.decoded(data)


class Stream(_Call):
    """A call that is answered by a stream: iterate over it, or `read` until `grpc.aio.EOF`."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        message = await self.read()
        if message is grpc.aio.EOF:
            raise StopAsyncIteration
        return message

    async def read(self) -> Any:
        """Return the next message, or `grpc.aio.EOF` when the stream has ended well."""
        with self._our_errors():
            data = await anext(aiter(self._call), grpc.aio.EOF)
            if data is grpc.aio.EOF and await self._call.code() is not grpc.StatusCode.OK:
                await self._raise_how_it_ended()  # asked again after it failed
        return data if data is grpc.aio.EOF else self._calling.decoded(data)
