"""Opens step streams to one endpoint."""

from __future__ import annotations

from typing import Final, Self

import grpc

from sparring.rpc.limits import MESSAGE_SIZE_OPTIONS
from sparring.rpc.step_stream.stream import Arguments, ClientStream, Metadata
from sparring.rpc.step_stream.transport import Transport, best
from sparring.types.errors import InternalError

_ARGUMENTS: Final[Arguments] = (
    *MESSAGE_SIZE_OPTIONS,
    # A connection of its own for each channel: a worker that comes back at the same address is found without back-off.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    # Nothing may be sent a second time behind our back, and no DNS record may tell us how to call.
    ("grpc.enable_retries", 0),
    ("grpc.service_config_disable_resolution", 1),
)


class StepChannel:
    """A connection to one endpoint, made when its first stream needs it, on which step streams are opened.

    Any thread may open streams and close the channel; each stream belongs to one thread at a time.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        metadata: Metadata = (),
        credentials: grpc.ChannelCredentials | None = None,
        http_proxy: str | None = None,
        options: Arguments = (),
        transport: Transport | None = None,
    ) -> None:
        """Prepare; connects with the first stream.

        Args:
            endpoint: "host:port", or, with `http_proxy`, the name that the relay knows the session by.
            metadata: sent along with every stream, such as `("authorization", "Bearer ...")`.
            credentials: for TLS; None speaks plaintext.
            http_proxy: the relay's address, "http://user:token@host:port"; the connection is made by HTTP CONNECT.
                Without it, and whatever the environment says, no proxy is used.
            options: further channel arguments of gRPC; they win over ours.
            transport: None takes the best that works.
        """
        proxy: Arguments = (
            (("grpc.enable_http_proxy", 0),) if http_proxy is None else (("grpc.http_proxy", http_proxy),)
        )
        arguments = tuple({**dict(_ARGUMENTS), **dict(proxy), **dict(options)}.items())
        self._metadata = metadata
        self._channel = (transport or best()).connect(endpoint, arguments, credentials)

    def open_stream(self, method: str, metadata: Metadata = ()) -> ClientStream:
        """Begin a stream; whether the other side is there shows at its first `receive`.

        Args:
            method: full name, such as `/sparring.api.environment.v1.EnvironmentService/Run`.
            metadata: sent along with this stream, in addition to the channel's. Keys are lower case.

        Raises:
            FailedPreconditionError: CHANNEL_CLOSED.
        """
        return self._channel.open(method, (*self._metadata, *metadata))

    def call(self, method: str, request: bytes, timeout_s: float, metadata: Metadata = ()) -> bytes:
        """Call a unary method, such as Describe, and return its answer.

        Raises:
            DeadlineError: RECEIVE_TIMED_OUT.
            SparringError: as `ClientStream.receive`.
        """
        with self.open_stream(method, metadata) as stream:
            stream.ask(request)
            stream.done_sending()
            answer = stream.receive(timeout_s)
            if answer is None or stream.receive(timeout_s) is not None:
                raise InternalError("NOT_ONE_ANSWER", f"{method} gave none or several answers; it is no unary method.")
            return answer

    def close(self) -> None:
        """Cancel the streams that are still open, and disconnect. May be repeated."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
