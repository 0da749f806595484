"""A place for one message between two threads, either of which may leave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from sparring.rpc.step_stream.stream import SIGNALS_EVERY_S


class Mailbox:
    """Holds at most one message. Once ended, it takes no more, and gives None after the one it holds."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._message: bytes | None = None
        self._ended = False

    def put(self, message: bytes, timeout_s: float | None = None) -> bool:
        """Wait until the place is free; False when the mailbox has ended and nobody will take the message.

        Raises:
            TimeoutError: the message before was not taken in time.
        """
        with self._changed:
            self._wait(lambda: self._message is None, timeout_s)
            if self._ended:
                return False
            self._message = message
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float | None = None) -> bytes | None:
        """Wait for a message; None when the mailbox has ended.

        Raises:
            TimeoutError: none came in time.
        """
        with self._changed:
            self._wait(lambda: self._message is not None, timeout_s)
            message, self._message = self._message, None
            self._changed.notify_all()
            return message

    def end(self) -> None:
        """Let both sides go."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _wait(self, ready: Callable[[], bool], timeout_s: float | None) -> None:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not (ready() or self._ended):
            pause_s = SIGNALS_EVERY_S
            if deadline is not None:
                pause_s = min(pause_s, deadline - time.monotonic())
                if pause_s <= 0:
                    raise TimeoutError
            self._changed.wait(pause_s)

    def __iter__(self) -> Iterator[bytes]:
        while (message := self.take()) is not None:
            yield message
