"""A stream on which a client comes back to its session: met by one thread, served by another."""

from __future__ import annotations

import threading

from sparring.rpc.step_stream import ServerStream


class Visit:
    """The thread that met the stream waits until the serving thread has done with it."""

    def __init__(self, stream: ServerStream) -> None:
        self.stream = stream
        self._done = threading.Event()
        self._error: Exception | None = None

    def end(self, error: Exception | None) -> None:
        """Let the waiting thread go; `error` is what the stream ends with, None is in good order."""
        self._error = error
        self._done.set()

    def wait(self) -> None:
        """Wait, without a deadline: a session has deadlines of its own.

        Raises:
            Exception: What the stream ends with.
        """
        self._done.wait()
        if self._error is not None:
            raise self._error
