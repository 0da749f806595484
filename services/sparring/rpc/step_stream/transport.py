"""The two ways to drive a step stream, and the choice between them."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import grpc

from sparring.rpc.step_stream import plain
from sparring.rpc.step_stream.stream import Arguments, ClientStream, Metadata, ServerStream

_LOG = logging.getLogger(__name__)

_METHOD: Final = "/sparring.rpc.SelfCheck/Echo"
_TIMEOUT_S: Final = 5.0


class StreamChannel(Protocol):
    """Opens streams to one endpoint."""

    def open(self, method: str, metadata: Metadata) -> ClientStream:
        """Begin a stream."""

    def close(self) -> None:
        """Cancel the streams that are still open, and disconnect."""


class Listener(Protocol):
    """Takes in calls at one address and hands them on."""

    def bind(self, address: str) -> int:
        """Listen and return the port."""

    def start(self) -> None:
        """Begin to take in calls."""

    def shut(self) -> None:
        """Take in no further call."""

    def cancel(self) -> None:
        """Break off the streams that are left, and give everything back. Only after `shut`."""


@dataclass(frozen=True)
class Transport:
    """One way to drive step streams. Both speak the same gRPC: either end works with any peer.

    Attributes:
        name: for logs.
        connect: makes a channel of endpoint, channel arguments and TLS credentials.
        listen: makes a listener of channel arguments, TLS credentials, what takes a new stream over, and what waits
            some seconds for the moment when no stream is driven.
    """

    name: str
    connect: Callable[[str, Arguments, grpc.ChannelCredentials | None], StreamChannel]
    listen: Callable[
        [Arguments, grpc.ServerCredentials | None, Callable[[ServerStream], None], Callable[[float], bool]], Listener
    ]


PLAIN: Final = Transport("plain", plain.PlainChannel, plain.PlainListener)
"""Over the public synchronous interface of grpcio: slow, because every message crosses several threads."""


@functools.cache
def best() -> Transport:
    """Return the fast transport if this grpcio can do it, which one exchange shows, and `PLAIN` otherwise."""
    try:
        transport = core()
        _exchange_once(transport)
    except Exception as error:
        _LOG.warning("Step streams take the slow way; the fast one fails with grpcio %s: %r", grpc.__version__, error)
        return PLAIN
    return transport


def core() -> Transport:
    """Return the transport over grpcio's Cython layer.

    Raises:
        ImportError: this grpcio has none of the kind.
        AttributeError: it has another one.
    """
    # Imported here, because it is private to grpcio: without it there is still `PLAIN`.
    from sparring.rpc.step_stream.core import CoreChannel, CoreListener

    return Transport("core", CoreChannel, CoreListener)


def _exchange_once(transport: Transport) -> None:
    """Send a message through a stream of our own and back, and end it in order."""

    def echo(stream: ServerStream) -> None:
        message = stream.receive(_TIMEOUT_S)
        while message is not None:
            message = stream.answer_and_receive(message, _TIMEOUT_S)
        stream.finish(grpc.StatusCode.OK.value[0], "", ())

    def accept(stream: ServerStream) -> None:
        threading.Thread(target=echo, args=(stream,), name="step-self-check", daemon=True).start()

    listener = transport.listen((("grpc.so_reuseport", 0),), None, accept, lambda timeout_s: True)
    port = listener.bind("127.0.0.1:0")
    listener.start()
    channel = transport.connect(f"127.0.0.1:{port}", (("grpc.enable_http_proxy", 0),), None)
    try:
        with channel.open(_METHOD, ()) as stream:
            answer = stream.exchange(_METHOD.encode(), _TIMEOUT_S)
            stream.done_sending()
            if answer != _METHOD.encode() or stream.receive(_TIMEOUT_S) is not None:
                raise RuntimeError(f"an exchange gave {answer!r}")
    finally:
        channel.close()
        listener.shut()
        listener.cancel()
