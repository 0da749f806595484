"""Channels for threads: the same rules as `channels`, over the blocking API of grpc.

with open_sync_channel("127.0.0.1:7000", token=token) as channel:
    StoreServiceStub(channel).GetRun(request, timeout=5)   # raises SparringError, never grpc.RpcError
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Self

import grpc

from sparring.rpc.calling import DEADLINE_S, STREAM_DEADLINE_S, Calling, channel_options
from sparring.rpc.tls import Tls

_PROBE: Final = "/grpc.health.v1.Health/Check"
"""Whatever a server answers to it, there is a connection."""
_NOT_THERE: Final = (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def open_sync_channel(
    target: str,
    *,
    token: str | None = None,
    tls: Tls | None = None,
    deadline_s: float = DEADLINE_S,
    retries: bool = True,
    options: Iterable[tuple[str, Any]] = (),
) -> SyncChannel:
    """Open a channel for blocking calls; the arguments are those of `channels.open_channel`."""
    arguments = channel_options(retries, options)
    if tls is None:
        inner = grpc.insecure_channel(target, arguments)
    else:
        inner = grpc.secure_channel(target, tls.channel_credentials(), arguments)
    return SyncChannel(inner, target, token, deadline_s)


class SyncChannel(grpc.Channel):
    """A grpc channel whose calls follow the rules of `calling`. Threads may share it.

    A call that ends badly raises a SparringError from the call or from iterating over it; AbortedError with reason
    CANCELLED if this process cancelled it.
    """

    def __init__(self, inner: grpc.Channel, target: str, token: str | None, deadline_s: float) -> None:
        self._inner = inner
        self._target = target
        self._token = token
        self._deadline_s = deadline_s

    def _calling(self, method: str, deadline_s: float, encode: Any, decode: Any) -> Calling:
        return Calling.of(self._target, method, self._token, deadline_s, encode, decode)

    def unary_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that sends one message and returns the answer."""
        calling = self._calling(method, self._deadline_s, request_serializer, response_deserializer)
        inner: Any = self._inner.unary_unary(method)
        return lambda request, timeout=None, metadata=None, **given: _answer(
            calling, inner, calling.encode(request), timeout, metadata, given
        )

    def unary_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that sends one message and returns the stream of answers."""
        calling = self._calling(method, STREAM_DEADLINE_S, request_serializer, response_deserializer)
        inner: Any = self._inner.unary_stream(method)
        return lambda request, timeout=None, metadata=None, **given: SyncStream(
            calling, inner, calling.encode(request), timeout, metadata, given
        )

    def stream_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that sends a stream and returns the answer."""
        calling = self._calling(method, self._deadline_s, request_serializer, response_deserializer)
        inner: Any = self._inner.stream_unary(method)

        def call(requests: Iterable[Any], timeout: float | None = None, metadata: Any = None, **given: Any) -> Any:
            return _answer(calling, inner, _Requests(calling, requests), timeout, metadata, given)

        return call

    def stream_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any
    ) -> Any:
        """Return a function that sends a stream and returns the stream of answers."""
        calling = self._calling(method, STREAM_DEADLINE_S, request_serializer, response_deserializer)
        inner: Any = self._inner.stream_stream(method)

        def call(requests: Iterable[Any], timeout: float | None = None, metadata: Any = None, **given: Any) -> Any:
            return SyncStream(calling, inner, _Requests(calling, requests), timeout, metadata, given)

        return call

    def subscribe(
        self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool | None = False
    ) -> None:
        """Call back when the state changes."""
        self._inner.subscribe(callback, bool(try_to_connect))

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """Undo `subscribe`."""
        self._inner.unsubscribe(callback)

    def wait_until_connected(self, timeout_s: float) -> bool:
        """Connect; returns whether there is a connection in time.

        A call that finds none fails at once, and between calls nobody looks after a connection that is being made, so
        that it times out: who has to come back to a server waits here first.
        """
        probe: Any = self._inner.unary_unary(_PROBE)
        try:
            probe(b"", timeout=timeout_s, wait_for_ready=True)
        except grpc.RpcError as error:
            return error.code() not in _NOT_THERE
        except ValueError:  # the channel was closed meanwhile
            return False
        return True

    def close(self) -> None:
        """Cancel what is still open, and close."""
        self._inner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Requests:
    """The messages that a caller streams, serialized; keeps the error that gRPC would only log."""

    def __init__(self, calling: Calling, requests: Iterable[Any]) -> None:
        self._calling = calling
        self._requests = iter(requests)
        self.error: Exception | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            return self._calling.encode(next(self._requests))
        except StopIteration:
            raise
        except Exception as error:
            self.error = error
            raise


def _answer(
    calling: Calling,
    inner: Callable[..., Any],
    sent: bytes | _Requests,
    timeout: float | None,
    metadata: Sequence[tuple[str, str | bytes]] | None,
    given: dict[str, Any],
) -> Any:
    timeout_s = calling.timeout_s(timeout)
    try:
        data = inner(sent, timeout=timeout_s, metadata=calling.metadata(metadata), **given)
    except grpc.RpcError as error:
        raise _why(calling, sent, error, timeout_s) from error
    return calling.decoded(data)


def _why(calling: Calling, sent: bytes | _Requests, error: grpc.RpcError, timeout_s: float) -> Exception:
    """Return what the messages to be sent raised, if anything, or else how the call ended."""
    own = sent.error if isinstance(sent, _Requests) else None
    return own or calling.error(error, timeout_s)


class SyncStream:
    """A stream of answers: iterate over it. What is not here (`cancel`, `code`, ...) is the grpc call's own."""

    def __init__(
        self,
        calling: Calling,
        inner: Callable[..., Any],
        sent: bytes | _Requests,
        timeout: float | None,
        metadata: Sequence[tuple[str, str | bytes]] | None,
        given: dict[str, Any],
    ) -> None:
        self._calling = calling
        self._sent = sent
        self._timeout_s = calling.timeout_s(timeout)
        self._call = inner(sent, timeout=self._timeout_s, metadata=calling.metadata(metadata), **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        try:
            data = next(self._call)
        except grpc.RpcError as error:
            raise _why(self._calling, self._sent, error, self._timeout_s) from error
        return self._calling.decoded(data)
