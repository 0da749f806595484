"""Measures who reads gRPC's sockets here: the thread that waits for a message, or a thread of the event engine.

The settings of `grpc_environment` are experiments of gRPC's core and may vanish with any release; so what is looked at
is what happens. A peer made of a bare socket speaks to a listener and to a channel of ours while no thread of ours
polls: only the event engine can answer then. How the core polls (GRPC_POLL_STRATEGY) does not show from outside.
"""

from __future__ import annotations

import contextlib
import enum
import socket
from typing import Final, NamedTuple

from sparring.rpc.step_stream.transport import core
from sparring.types.errors import SparringError

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_EMPTY_SETTINGS: Final = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
_METHOD: Final = "/sparring.rpc.Polling/None"
_UNPOLLED_S: Final = 0.05
_POLLED_S: Final = 2.0


class Reader(enum.Enum):
    """Who reads a socket."""

    WAITING_THREAD = "the waiting thread"
    EVENT_ENGINE = "the event engine"
    UNKNOWN = "nobody, as far as could be seen"


class Polling(NamedTuple):
    """What was measured, for the listening and for the calling side."""

    listener: Reader
    channel: Reader

    @property
    def direct(self) -> bool:
        """Whether both sides do without a detour."""
        return self.listener is self.channel is Reader.WAITING_THREAD

    def __str__(self) -> str:
        slow = "" if self.direct else "; step streams run at about half their speed"
        return f"gRPC's sockets are read by {self.listener.value} (listening) and {self.channel.value} (calling){slow}"


def measure() -> Polling:
    """Find out, within about a tenth of a second. For the start of a process: any thread that polls gRPC answers too.

    Raises:
        ImportError: the core transport, whose sockets these are, does not work with this grpcio.
    """
    return Polling(_reader_of_listener(), _reader_of_channel())


def _reader_of_listener() -> Reader:
    listener = core().listen((), None, lambda stream: stream.finish(0, "", ()), lambda timeout_s: True)
    port = listener.bind("127.0.0.1:0")
    started = False
    try:
        with socket.create_connection(("127.0.0.1", port), _POLLED_S) as peer:
            peer.sendall(_PREFACE + _EMPTY_SETTINGS)
            if _hears(peer, _UNPOLLED_S):
                return Reader.EVENT_ENGINE
            listener.start()
            started = True
            return Reader.WAITING_THREAD if _hears(peer, _POLLED_S) else Reader.UNKNOWN
    finally:
        if not started:
            listener.start()
        listener.shut()
        listener.cancel()


def _reader_of_channel() -> Reader:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_POLLED_S)
        channel = core().connect(f"127.0.0.1:{server.getsockname()[1]}", (("grpc.enable_http_proxy", 0),), None)
        try:
            with channel.open(_METHOD, ()) as stream, server.accept()[0] as peer:
                if _hears(peer, _UNPOLLED_S):
                    return Reader.EVENT_ENGINE
                with contextlib.suppress(SparringError):
                    stream.receive(_UNPOLLED_S)
                return Reader.WAITING_THREAD if _hears(peer, _UNPOLLED_S) else Reader.UNKNOWN
        finally:
            channel.close()


def _hears(peer: socket.socket, timeout_s: float) -> bool:
    peer.settimeout(timeout_s)
    try:
        return bool(peer.recv(len(_PREFACE)))
    except TimeoutError:
        return False
