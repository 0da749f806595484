"""The answering end over cygrpc: a stream with its own completion queue."""

from __future__ import annotations

import contextlib
import time
from typing import Any, Final

from sparring.rpc.step_stream import ending
from sparring.rpc.step_stream.core.either_end import ENDED, NOTHING, OTHER, EitherEnd
from sparring.rpc.step_stream.core.layer import NO_EVENT, cygrpc
from sparring.rpc.step_stream.ending import CANCELLED
from sparring.rpc.step_stream.stream import Metadata, ServerStream
from sparring.types.errors import DeadlineError

_FINISH_TIMEOUT_S: Final = 5.0
_CANCEL_TIMEOUT_S: Final = 1.0
_VERDICT_S: Final = 0.002
"""How long "no more messages" waits for "the client is gone", which comes within microseconds of it or not at all."""


class CoreServerStream(EitherEnd, ServerStream):
    """The answering end."""

    def __init__(self, event: Any) -> None:
        super().__init__()
        self._queue = event.tag
        self._call = event.call
        self.method = event.call_details.method.decode()
        self.metadata = tuple(event.invocation_metadata)
        self.peer = event.call.peer().decode()
        self._first = (cygrpc.SendInitialMetadataOperation((), 0),)
        self._half_closed = self._over = self._broken = self._cancelled = False
        self._begin(ENDED, cygrpc.ReceiveCloseOnServerOperation(0))

    def receive(self, timeout_s: float | None = None) -> bytes | None:
        """Poll the stream's own queue."""
        message = self._wait_for_message(timeout_s)
        if message is None:
            self._raise_if_broken()
        else:
            self._inbox = NOTHING
        return message

    def peek(self, timeout_s: float | None = None) -> bytes | None:
        """Leave the message in the inbox."""
        message = self._wait_for_message(timeout_s)
        if message is None:
            self._raise_if_broken()
        return message

    def send(self, message: bytes) -> None:
        """Send without waiting for this message to be taken in."""
        if self._broken:
            raise ending.client_gone(self.method)
        self._begin_send(message)

    def answer_and_receive(self, message: bytes, timeout_s: float | None = None) -> bytes | None:
        """Send and receive as one operation, unless a message is here, or waited for, already, or the wait may end."""
        if self._receiving or self._inbox is not NOTHING or timeout_s is not None:
            self.send(message)
        else:
            self._begin_ask(message)
        return self.receive(timeout_s)

    @property
    def alive(self) -> bool:
        """Take the events that have come meanwhile; one of them says that the client is gone."""
        while self._due > 0 and self._pump(time.time()):
            pass
        return not self._over

    def cancel(self) -> None:
        """Break off; the event that this gives lets a blocked wait return."""
        self._cancelled = True
        self._call.cancel(CANCELLED, "cancelled by the server")

    def finish(self, code: int, message: str, trailing: Metadata) -> None:
        """Send the status and take every event that is due: a queue may only be dropped empty."""
        if not self._cancelled:  # otherwise an exception of a signal handler may have left our bookkeeping half done
            with contextlib.suppress(DeadlineError):
                self._wait_until_taken_in()
                if not self._over:
                    first, self._first = self._first, ()
                    self._begin(OTHER, cygrpc.SendStatusFromServerOperation(trailing, code, message, 0), *first)
            if not self._drain(_FINISH_TIMEOUT_S):
                self.cancel()
        self._drain(_CANCEL_TIMEOUT_S)
        self._queue.shutdown()

    def _drain(self, timeout_s: float) -> bool:
        deadline = time.time() + timeout_s
        while self._due > 0 and self._pump(deadline):
            pass
        return self._due <= 0

    def _begin(self, tag: int, *operations: Any) -> None:
        self._due += 1
        self._call.start_server_batch(operations, tag)

    def _until(self, timeout_s: float | None) -> float | None:
        return None if timeout_s is None else time.time() + timeout_s

    def _pump(self, deadline: float | None) -> bool:
        event = self._queue.poll(deadline)
        if event.completion_type == NO_EVENT:
            return False
        self._due -= 1
        if event.tag == ENDED:
            self._over = True
            self._broken = event.batch_operations[0].cancelled()
        else:
            self._note(event.tag, event.batch_operations)
        return True

    def _raise_if_broken(self) -> None:
        """Tell a client that is gone from one that is done: both give "no more messages", the first one more event."""
        if not self._over:
            self._pump(time.time() + (0.0 if self._half_closed else _VERDICT_S))
        self._half_closed = True
        if self._broken:
            raise ending.client_gone(self.method)
