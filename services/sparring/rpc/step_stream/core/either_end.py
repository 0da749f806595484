"""What both ends of a core stream have in common: one message on its way each way, and one kept until it is taken."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Final

from sparring.rpc.limits import MAX_MESSAGE_BYTES, checked_size
from sparring.rpc.step_stream import ending
from sparring.rpc.step_stream.core.layer import cygrpc
from sparring.rpc.step_stream.stream import SEND_TIMEOUT_S

# What an event of a completion queue is about.
ASKED, RECEIVED, SENT, ENDED, WOKEN, OTHER = range(6)

NOTHING: Final = b"nothing has arrived"
"""Told apart from messages by identity."""


class EitherEnd(ABC):
    """Bookkeeping of what is under way. An attribute here is read and written by the stream's own thread only."""

    method: str

    def __init__(self) -> None:
        self._due = 0  # operations that were begun and whose event has not come
        self._sending = False
        self._receiving = False
        self._inbox: bytes | None = NOTHING  # None: no message will come any more
        self._first: tuple[Any, ...] = ()  # what has to go out along with the first message

    @abstractmethod
    def _begin(self, tag: int, *operations: Any) -> None:
        """Start operations; one event with this tag comes when all of them are done."""

    @abstractmethod
    def _until(self, timeout_s: float | None) -> float | None:
        """Return the deadline that `_pump` is to be given."""

    @abstractmethod
    def _pump(self, deadline: float | None) -> bool:
        """Wait for one event and note what it says; False when the deadline has passed."""

    def _note(self, tag: int, operations: Any) -> None:
        if tag == ASKED:
            self._sending = self._receiving = False
            self._inbox = operations[0].message()
        elif tag == RECEIVED:
            self._receiving = False
            self._inbox = operations[0].message()
        elif tag == SENT:
            self._sending = False

    def _begin_ask(self, message: bytes) -> None:
        if self._sending or len(message) > MAX_MESSAGE_BYTES:
            checked_size(message, self.method)
            self._wait_until_taken_in()
        first, self._first = self._first, ()
        self._sending = self._receiving = True
        self._begin(ASKED, cygrpc.ReceiveMessageOperation(0), cygrpc.SendMessageOperation(message, 0), *first)

    def _begin_send(self, message: bytes) -> None:
        checked_size(message, self.method)
        self._wait_until_taken_in()
        first, self._first = self._first, ()
        self._sending = True
        self._begin(SENT, cygrpc.SendMessageOperation(message, 0), *first)

    def _wait_until_taken_in(self) -> None:
        if self._sending:
            deadline = self._until(SEND_TIMEOUT_S)
            while self._sending:
                if not self._pump(deadline):
                    raise ending.send_timed_out(self.method, SEND_TIMEOUT_S)

    def _wait_for_message(self, timeout_s: float | None) -> bytes | None:
        """Return what is in the inbox as soon as something is, and leave it there."""
        if self._inbox is NOTHING:
            if not self._receiving:
                self._receiving = True
                self._begin(RECEIVED, cygrpc.ReceiveMessageOperation(0))
            deadline = self._until(timeout_s)
            while self._receiving:
                if not self._pump(deadline):
                    raise ending.receive_timed_out(self.method, timeout_s or 0.0)
        return self._inbox
