"""The calling end over grpcio's public interface."""

from __future__ import annotations

import contextlib
import threading
import warnings
from functools import partial
from typing import Any, Final

import grpc

from sparring.rpc.limits import checked_size
from sparring.rpc.step_stream import ending
from sparring.rpc.step_stream.ending import CANCELLED, Ending
from sparring.rpc.step_stream.plain.mailbox import Mailbox
from sparring.rpc.step_stream.stream import SEND_TIMEOUT_S, Arguments, ClientStream, Metadata

_END_TIMEOUT_S: Final = 5.0


class PlainClientStream(ClientStream):
    """The calling end. A thread of gRPC's empties one mailbox, a thread of ours fills the other."""

    def __init__(self, channel: grpc.Channel, method: str, metadata: Metadata) -> None:
        self.method = method
        self._outbox, self._inbox = Mailbox(), Mailbox()
        self._asked = self._waited = self._half_closed = self._ended = self._cancelled = False
        self._closed = True
        opened: grpc.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(method)
        try:
            self._call: Any = opened(iter(self._outbox), metadata=metadata)
        except ValueError as error:
            raise ending.cannot_open(method, str(error)) from error
        self._closed = False
        read = partial(_read, self._call, self._inbox, self._outbox)
        self._reader = threading.Thread(target=read, name="step-reader", daemon=True)
        self._reader.start()

    def ask(self, message: bytes) -> None:
        """Send, and remember that an answer is due."""
        if self._waited:
            self._check_open()
            raise ending.answer_not_taken(self.method)
        self.send(message)
        self._asked = True

    def send(self, message: bytes) -> None:
        """Put the message where gRPC takes it from."""
        self._check_open()
        if self._asked:
            raise ending.answer_not_taken(self.method)
        try:
            if self._outbox.put(checked_size(message, self.method), SEND_TIMEOUT_S):
                return
        except TimeoutError as error:
            raise ending.send_timed_out(self.method, SEND_TIMEOUT_S) from error
        self._raise_unless_ok()
        raise ending.ended_before(self.method)

    def receive(self, timeout_s: float | None) -> bytes | None:
        """Take the message that the reading thread has put down."""
        try:
            message = self._inbox.take(timeout_s)
        except TimeoutError as error:
            self._waited = True
            raise ending.receive_timed_out(self.method, timeout_s or 0.0) from error
        self._asked = self._waited = False
        if message is None:
            self._ended = True
            self._raise_unless_ok()
        return message

    def done_sending(self) -> None:
        """Half-close."""
        if not self._half_closed:
            self._check_open()
            self._half_closed = True
            self._outbox.end()

    def cancel(self) -> None:
        """Break off; the reading thread then ends the wait."""
        self._cancelled = True
        self._call.cancel()

    def close(self) -> None:
        """Break off if need be, and let the threads end."""
        if not self._closed:
            self._closed = True
            if not self._ended:
                self.cancel()
            self._outbox.end()
            self._inbox.end()
            self._reader.join(_END_TIMEOUT_S)

    def __del__(self) -> None:
        if not self._closed:
            warnings.warn(f"The stream of {self.method} was not closed.", ResourceWarning, stacklevel=1, source=self)
            self._call.cancel()

    def _check_open(self) -> None:
        if self._ended:
            self._raise_unless_ok()
            raise ending.ended_before(self.method)
        if self._half_closed:
            raise ending.half_closed(self.method)

    def _raise_unless_ok(self) -> None:
        code = self._call.code().value[0]
        if self._cancelled and code == CANCELLED:
            raise ending.cancelled_here(self.method)
        trailing = tuple(self._call.trailing_metadata() or ())
        Ending(code, self._call.details() or "", trailing).raise_unless_ok(self.method)


def _read(call: Any, inbox: Mailbox, outbox: Mailbox) -> None:
    """Move messages until the stream ends. Holds no reference to the stream, which may be forgotten meanwhile."""
    with contextlib.suppress(grpc.RpcError):  # the status that it carries is asked for later
        for message in call:
            if not inbox.put(message):
                break
    inbox.end()
    outbox.end()


class PlainChannel:
    """A connection to one endpoint, made when the first stream needs it."""

    def __init__(self, endpoint: str, arguments: Arguments, credentials: grpc.ChannelCredentials | None) -> None:
        if credentials is None:
            self._channel = grpc.insecure_channel(endpoint, options=arguments)
        else:
            self._channel = grpc.secure_channel(endpoint, credentials, options=arguments)

    def open(self, method: str, metadata: Metadata) -> ClientStream:
        """Begin a stream; whether the other side is there shows at its first `receive`."""
        return PlainClientStream(self._channel, method, metadata)

    def close(self) -> None:
        """Cancel the streams that are still open, and disconnect."""
        self._channel.close()
