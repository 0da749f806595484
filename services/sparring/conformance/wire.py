"""The wire to the server under test: plain grpc, bytes in and out, so that nothing is mended on the way."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

SERVICE: Final = "sparring.api.environment.v1.EnvironmentService"
SESSION: Final = f"/{SERVICE}/Session"
DESCRIBE: Final = f"/{SERVICE}/Describe"

_OPTIONS: Final = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
)
_LONGEST_S: Final = 3600.0
_DETAILS: Final = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended.

    Attributes:
        code: Name of the status code.
        message: Of the status.
        reason: Of the ErrorInfo, if there is one.
    """

    code: str
    message: str
    reason: str = ""

    def __str__(self) -> str:
        reason = f" [{self.reason}]" if self.reason else ""
        return f"the status {self.code}{reason} {self.message!r}" if self.code != "OK" else "the end of the stream, OK"


class Line:
    """One Session stream; `sent` and `came` in messages are for the caller to say."""

    def __init__(self, channel: grpc.Channel, metadata: tuple[tuple[str, str], ...], deadline_s: float) -> None:
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes | End] = queue.SimpleQueue()
        self._over: End | None = None
        self.cancelled = False
        method: Any = channel.stream_stream(SESSION)
        self._call: Any = method(iter(self._requests.get, None), timeout=deadline_s, metadata=metadata)
        threading.Thread(target=self._read, name="conformance-line", daemon=True).start()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._requests.put(data)

    def half_close(self) -> None:
        """Say that nothing more will be sent."""
        self._requests.put(None)

    def cancel(self) -> None:
        """Cancel the stream."""
        self.cancelled = True
        self._call.cancel()
        self._requests.put(None)

    def receive(self, timeout_s: float) -> bytes | End | None:
        """Return the next message, how the stream ended, or None if neither came in time."""
        if self._over is not None:
            return self._over
        try:
            found = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(found, End):
            self._over = found
            self._requests.put(None)
        return found

    @property
    def over(self) -> bool:
        """Whether its end was seen."""
        return self._over is not None

    def _read(self) -> None:
        try:
            for data in self._call:
                self._answers.put(data)
            self._answers.put(End("OK", ""))
        except grpc.RpcError as error:
            self._answers.put(end_of(error))


class Wire:
    """The channel, and the calls over it. Use it as a context."""

    def __init__(self, address: str, metadata: tuple[tuple[str, str], ...] = (), credentials: Any = None) -> None:
        self.address = address
        self.metadata = metadata
        if credentials is None:
            self.channel = grpc.insecure_channel(address, _OPTIONS)
        else:
            self.channel = grpc.secure_channel(address, credentials, _OPTIONS)

    def open(self, deadline_s: float = _LONGEST_S) -> Line:
        """Open a Session stream."""
        return Line(self.channel, self.metadata, deadline_s)

    def call(self, method: str, request: Message | bytes, timeout_s: float) -> bytes | End:
        """Make a unary call."""
        data = request if isinstance(request, bytes) else request.SerializeToString()
        try:
            called: Any = self.channel.unary_unary(method)
            answer: bytes = called(data, timeout=timeout_s, metadata=self.metadata)
            return answer
        except grpc.RpcError as error:
            return end_of(error)

    def stream(self, method: str, requests: Iterator[bytes], timeout_s: float) -> list[bytes] | End:
        """Make a short streaming call; return all its answers."""
        try:
            called: Any = self.channel.stream_stream(method)
            return list(called(requests, timeout=timeout_s, metadata=self.metadata))
        except grpc.RpcError as error:
            return end_of(error)

    def close(self) -> None:
        """Cancel what is open, and close."""
        self.channel.close()


def reachable(wire: Wire, timeout_s: float) -> bool:
    """Try to connect."""
    try:
        grpc.channel_ready_future(wire.channel).result(timeout=timeout_s)
    except grpc.FutureTimeoutError:
        return False
    return True


def end_of(error: Any) -> End:
    """Read a status."""
    return End(error.code().name, error.details() or "", _reason(error.trailing_metadata() or ()))


def _reason(metadata: Any) -> str:
    for key, value in metadata:
        if key == _DETAILS:
            try:
                status = status_pb2.Status.FromString(value)
                for detail in status.details:
                    info = error_details_pb2.ErrorInfo()
                    if detail.Unpack(info):
                        return info.reason
            except DecodeError:
                return ""
    return ""


def until(seconds: float) -> Iterator[float]:
    """Yield growing pauses until the time is over; the caller sleeps by waiting for something."""
    end, pause = time.monotonic() + seconds, 0.02
    while (left := end - time.monotonic()) > 0:
        yield min(pause, left)
        pause = min(pause * 1.5, 0.25)
