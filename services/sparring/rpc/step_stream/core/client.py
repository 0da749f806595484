"""The calling end over cygrpc: a stream with its own completion queue, and the channel that it is opened on."""

from __future__ import annotations

import math
import threading
import time
import warnings
from typing import Any

import grpc

from sparring.rpc.step_stream import ending
from sparring.rpc.step_stream.core.either_end import ENDED, NOTHING, OTHER, RECEIVED, WOKEN, EitherEnd
from sparring.rpc.step_stream.core.layer import cygrpc
from sparring.rpc.step_stream.ending import CANCELLED, Ending
from sparring.rpc.step_stream.stream import Arguments, ClientStream, Metadata
from sparring.rpc.step_stream.watchdog import WATCHDOG


class CoreClientStream(EitherEnd, ClientStream):
    """The calling end. Its queue knows no deadlines, so the watchdog of the process lets a wait return."""

    def __init__(self, channel: Any, method: str, metadata: Metadata) -> None:
        super().__init__()
        self.method = method
        self.deadline = self.woken_for = math.inf
        self._watched = False
        self._wake_lock = threading.Lock()
        self._wakes = self._wakes_seen = 0
        self._ending: Ending | None = None
        self._asked = self._half_closed = self._cancelled = False
        self._closed = True
        call = (cygrpc.SendInitialMetadataOperation(metadata, 0), cygrpc.ReceiveStatusOnClientOperation(0))
        reply = (cygrpc.ReceiveInitialMetadataOperation(0),)
        try:
            self._call = channel.segregated_call(
                0, method.encode(), None, None, metadata, None, ((call, ENDED), (reply, OTHER))
            )
        except ValueError as error:
            raise ending.cannot_open(method, str(error)) from error
        self._closed = False
        self._due = 2

    def ask(self, message: bytes) -> None:
        """Send, and begin to receive, as one operation."""
        if self._asked or self._receiving or self._half_closed or self._inbox is None:
            self._check_open()
            raise ending.answer_not_taken(self.method)
        self._begin_ask(message)
        self._asked = True

    def send(self, message: bytes) -> None:
        """Send without waiting for this message to be taken in."""
        self._check_open()
        if self._asked:  # one operation with its answer: until that comes, nobody knows that the question is gone
            raise ending.answer_not_taken(self.method)
        self._begin_send(message)

    def receive(self, timeout_s: float | None) -> bytes | None:
        """Poll the stream's own queue."""
        message = self._wait_for_message(timeout_s)
        self._asked = False
        if message is None:
            self._raise_unless_ok()
        else:
            self._inbox = NOTHING
        return message

    def done_sending(self) -> None:
        """Half-close."""
        if self._half_closed:
            return
        self._check_open()
        self._half_closed = True
        self._begin(OTHER, cygrpc.SendCloseFromClientOperation(0))

    def cancel(self) -> None:
        """Break off; the status that this gives lets a blocked wait return."""
        self._cancelled = True
        self._call.cancel(CANCELLED, "cancelled by the client")

    def close(self) -> None:
        """Break off if need be, and take every event that is due: only then is the memory of the call given back."""
        with self._wake_lock:
            if self._closed:
                return
            self._closed = True
        WATCHDOG.forget(self)
        if self._ending is None:
            self.cancel()
        while self._due > 0 or self._wakes_seen < self._wakes:
            self._pump(None)

    def wake(self) -> None:
        """Let a blocked wait return: an operation made of nothing is done at once. Called by the watchdog."""
        with self._wake_lock:
            if not self._closed and self._call.operate((), WOKEN):
                self._wakes += 1

    def __del__(self) -> None:
        if not self._closed:
            warnings.warn(f"The stream of {self.method} was not closed.", ResourceWarning, stacklevel=1, source=self)
            self._call.cancel(CANCELLED, "forgotten by the client")

    def _begin(self, tag: int, *operations: Any) -> None:
        if self._call.operate(operations, tag):
            self._due += 1
            return
        self._sending = self._receiving = False  # the stream has ended
        self._inbox = None
        if tag != RECEIVED:
            self._check_open()

    def _until(self, timeout_s: float | None) -> float | None:
        if timeout_s is None:
            return None
        self.deadline = deadline = time.monotonic() + timeout_s
        if not self._watched:
            self._watched = True
            WATCHDOG.watch(self)
        if deadline < WATCHDOG.next_look:
            WATCHDOG.hurry()
        return deadline

    def _pump(self, deadline: float | None) -> bool:
        if self._due <= 0 and self._wakes_seen >= self._wakes:
            # An exception of a signal handler came between an operation and its note; the queue may be gone by now.
            self._abandon()
            raise ending.cancelled_here(self.method)
        try:
            event = self._call.next_event()
            tag = event.tag
            if tag == WOKEN:
                self._wakes_seen += 1
                return deadline is None or time.monotonic() < deadline
            self._due -= 1
            if tag == ENDED:
                status = event.batch_operations[1]
                self._ending = Ending(status.code(), status.details(), tuple(status.trailing_metadata() or ()))
            else:
                self._note(tag, event.batch_operations)
        except BaseException:  # of a signal handler
            self._abandon()
            raise
        return True

    def _abandon(self) -> None:
        """Never poll again: an event may be lost, or cygrpc has thrown the queue away, and then a poll would crash."""
        self._call.cancel(CANCELLED, "interrupted")
        self._ending, self._cancelled, self._inbox = Ending(CANCELLED, "interrupted"), True, None
        self._due = self._wakes = self._wakes_seen = 0
        self._sending = self._receiving = False

    def _raise_unless_ok(self) -> None:
        while self._ending is None:  # it follows at once when no message can come any more
            self._pump(None)
        if self._cancelled and self._ending.code == CANCELLED:
            raise ending.cancelled_here(self.method)
        self._ending.raise_unless_ok(self.method)

    def _check_open(self) -> None:
        if self._inbox is None or self._ending is not None:
            self._raise_unless_ok()
            raise ending.ended_before(self.method)
        if self._half_closed:
            raise ending.half_closed(self.method)


class CoreChannel:
    """A connection to one endpoint, made when the first stream needs it."""

    def __init__(self, endpoint: str, arguments: Arguments, credentials: grpc.ChannelCredentials | None) -> None:
        self._channel = cygrpc.Channel(endpoint.encode(), arguments, getattr(credentials, "_credentials", None))

    def open(self, method: str, metadata: Metadata) -> ClientStream:
        """Begin a stream; whether the other side is there shows at its first `receive`."""
        return CoreClientStream(self._channel, method, metadata)

    def close(self) -> None:
        """Cancel the streams that are still open, and disconnect."""
        self._channel.close(CANCELLED, "the channel was closed")
