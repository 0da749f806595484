"""The answering end over grpcio's public interface."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

import grpc

from sparring.rpc.limits import checked_size
from sparring.rpc.step_stream import ending
from sparring.rpc.step_stream.ending import OK
from sparring.rpc.step_stream.plain.mailbox import Mailbox
from sparring.rpc.step_stream.stream import SEND_TIMEOUT_S, Metadata, ServerStream

_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_FINISH_TIMEOUT_S: Final = 5.0
_VERDICT_S: Final = 0.02
"""How long "no more messages" waits for "the client is gone", which gRPC may say a moment later."""


class PlainServerStream(ServerStream):
    """The answering end. A thread of gRPC's empties one mailbox, a thread of ours fills the other."""

    def __init__(self, method: str, requests: Iterator[bytes], context: grpc.ServicerContext) -> None:
        self.method = method
        self.metadata = tuple((key, value) for key, value in context.invocation_metadata())
        self.peer = context.peer()
        self._requests = requests
        self._context = context
        self._outbox, self._inbox = Mailbox(), Mailbox()
        self._peeked: bytes | None = None
        self._broken = False
        self._status: tuple[int, str, Metadata] = (OK, "", ())
        self._over = threading.Event()
        self._reader: threading.Thread | None = None

    def answer(self, accept: Callable[[ServerStream], None]) -> Iterator[bytes]:
        """Yield what is sent, in gRPC's thread, until `finish`."""
        if not self._context.add_callback(self._end):
            return
        self._reader = threading.Thread(target=self._read, args=(accept,), name="step-reader", daemon=True)
        self._reader.start()
        yield from self._outbox
        code, message, trailing = self._status
        if code != OK:
            self._context.set_code(_CODES[code])
            self._context.set_details(message)
            self._context.set_trailing_metadata(trailing)

    def receive(self, timeout_s: float | None = None) -> bytes | None:
        """Take the message that the reading thread has put down."""
        message = self.peek(timeout_s)
        self._peeked = None
        return message

    def peek(self, timeout_s: float | None = None) -> bytes | None:
        """Take it, and keep it for `receive`."""
        if self._peeked is None:
            try:
                self._peeked = self._inbox.take(timeout_s)
            except TimeoutError as error:
                raise ending.receive_timed_out(self.method, timeout_s or 0.0) from error
            if self._peeked is None and self._broken:
                raise ending.client_gone(self.method)
        return self._peeked

    def send(self, message: bytes) -> None:
        """Put the message where gRPC takes it from."""
        try:
            taken = self._outbox.put(checked_size(message, self.method), SEND_TIMEOUT_S)
        except TimeoutError as error:
            raise ending.send_timed_out(self.method, SEND_TIMEOUT_S) from error
        if not taken:
            raise ending.client_gone(self.method)

    def answer_and_receive(self, message: bytes, timeout_s: float | None = None) -> bytes | None:
        """Send, then receive."""
        self.send(message)
        return self.receive(timeout_s)

    @property
    def alive(self) -> bool:
        """Ask gRPC."""
        return self._context.is_active()

    def cancel(self) -> None:
        """Break off; the reading thread then ends the wait."""
        self._context.cancel()

    def finish(self, code: int, message: str, trailing: Metadata) -> None:
        """Let gRPC's thread send the status, and wait until it has."""
        self._status = (code, message, trailing)
        self._outbox.end()
        if not self._over.wait(_FINISH_TIMEOUT_S):
            self._context.cancel()
        self._inbox.end()
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join(_FINISH_TIMEOUT_S)

    def _end(self) -> None:
        """Let every wait end; called by gRPC when the call is over, for whatever reason."""
        self._broken = True
        self._over.set()
        self._outbox.end()
        self._inbox.end()

    def _read(self, accept: Callable[[ServerStream], None]) -> None:
        accept(self)
        try:
            for message in self._requests:
                if not self._inbox.put(message):
                    return
            self._over.wait(_VERDICT_S)
            self._broken = not self._context.is_active()
        except Exception:  # what gRPC raises when the client is gone has no type of its own
            self._broken = True
        self._inbox.end()
