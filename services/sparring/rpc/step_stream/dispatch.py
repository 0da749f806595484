"""Which thread answers a new stream, and what the client is told when that thread is done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

import grpc

from sparring.rpc.status import Status, to_status
from sparring.rpc.step_stream.stream import Metadata, ServerStream, StreamHandler
from sparring.types.errors import ExhaustedError, LostError, SparringError, UnavailableError

_LOG = logging.getLogger(__name__)

Newcomer: TypeAlias = Callable[[ServerStream], bool]
"""Meets a stream that comes while the serving thread drives another, in a thread of its own.

Returns True to let the stream wait until the serving thread is free, False when it has answered; or raises.
"""

_OK: Final = Status(grpc.StatusCode.OK, "", b"")


def no_room(stream: ServerStream) -> bool:
    """Refuse a newcomer."""
    raise ExhaustedError("SLOT_TAKEN", f"{stream.method} serves another client now; ask for another slot.")


class Dispatch:
    """Runs a handler for each stream, either in a thread of its own or, one at a time, in the thread that serves."""

    def __init__(
        self,
        methods: Mapping[str, StreamHandler],
        beside: Mapping[str, StreamHandler],
        authorize: Callable[[str, Metadata], None] | None,
        max_streams: int,
    ) -> None:
        self._methods = methods
        self._beside = beside
        self._authorize = authorize
        self._max_streams = max_streams
        self._newcomer: Newcomer | None = None
        self._changed = threading.Condition()
        self._open = 0
        self._closed = False
        self._turn: ServerStream | None = None  # the next one for the serving thread
        self._occupied = False  # the serving thread drives a stream, or is about to

    @property
    def driving(self) -> int:
        """How many streams are open."""
        return self._open

    def in_calling_thread(self, newcomer: Newcomer) -> None:
        """From now on `serve` drives the streams of `methods`."""
        self._newcomer = newcomer

    def accept(self, stream: ServerStream) -> None:
        """Take a new stream over. Does not block for long and does not raise: the accepting thread calls it."""
        method = stream.method
        with self._changed:
            refusal = self._refusal(method)
            if refusal is not None:
                drive = partial(_finish, stream, refusal)
            else:
                self._open += 1
                if self._newcomer is None or method in self._beside:
                    drive = partial(self._drive, stream, self._beside.get(method) or self._methods[method])
                elif self._occupied:
                    drive = partial(self._meet, stream, self._newcomer)
                else:
                    self._give_turn(stream)
                    return
        if refusal is not None:
            drive()
        else:
            threading.Thread(target=drive, name=f"step-{method.rpartition('/')[2]}", daemon=True).start()

    def serve(self) -> None:
        """Drive streams in the calling thread, one after the other, until `close`."""
        while True:
            with self._changed:
                self._occupied = self._turn is not None
                self._changed.wait_for(lambda: self._occupied or self._closed)
                stream, self._turn = self._turn, None
            if stream is None:
                return
            self._drive(stream, self._methods[stream.method])

    def close(self) -> None:
        """Refuse new streams, and let `serve` return when it is done with the one it drives."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drain(self, timeout_s: float) -> bool:
        """Wait until no stream is open; False when the time is up."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout_s)

    def _drive(self, stream: ServerStream, handler: StreamHandler) -> None:
        try:
            _finish(stream, self._outcome(stream, handler))
        except BaseException:  # a signal handler's, in the main thread: it ends the process
            stream.cancel()
            raise
        finally:
            self._forget()

    def _meet(self, stream: ServerStream, newcomer: Newcomer) -> None:
        waits = False

        def handler(stream: ServerStream) -> None:
            nonlocal waits
            waits = newcomer(stream)

        status = self._outcome(stream, handler)
        if waits:
            with self._changed:
                if self._turn is None and not self._closed:
                    self._give_turn(stream)
                    return
            status = to_status(ExhaustedError("SLOT_TAKEN", f"Another client of {stream.method} waits already."))
        _finish(stream, status)
        self._forget()

    def _give_turn(self, stream: ServerStream) -> None:
        self._turn = stream
        self._occupied = True
        self._changed.notify_all()

    def _forget(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def _refusal(self, method: str) -> Status | None:
        if method not in self._beside and method not in self._methods:
            known = ", ".join(sorted({*self._methods, *self._beside}))
            return Status(grpc.StatusCode.UNIMPLEMENTED, f"{method} is not served here; these are: {known}.", b"")
        if self._closed:
            return to_status(UnavailableError("SERVER_STOPPING", f"The server of {method} is stopping; try another."))
        if self._open < self._max_streams:
            return None
        return to_status(
            ExhaustedError(
                "TOO_MANY_STREAMS",
                f"{method}: {self._open} streams are open, and no more than {self._max_streams} may be.",
                limit=self._max_streams,
            )
        )

    def _outcome(self, stream: ServerStream, handler: StreamHandler) -> Status:
        """Run author code; return the status to end with."""
        try:
            if self._authorize is not None:
                self._authorize(stream.method, stream.metadata)
            handler(stream)
        except LostError as error:
            _LOG.info("%s from %s: %s", stream.method, stream.peer, error)
            return to_status(error)
        except SparringError as error:
            return to_status(error)
        except Exception as error:
            _LOG.exception("The handler of %s failed", stream.method)
            return to_status(error)
        return _OK


def _finish(stream: ServerStream, status: Status) -> None:
    stream.finish(status.code.value[0], status.message, status.trailing_metadata if status.details else ())
