"""Which thread answers a new stream, and what the client is told when that thread is done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

import grpc

from sparring.rpc.status import Status, to_status
from sparring.rpc.step_stream.stream import SIGNALS_EVERY_S, Metadata, ServerStream, StreamHandler
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
        self._open = 0  # until their clients have been told how they ended
        self._handled = 0  # until their handlers have returned: one may follow at once when the client has been told
        self._closed = False
        self._turn: ServerStream | None = None  # the next one for the serving thread
        self._occupied = False  # the serving thread drives a stream, or is about to

    def in_calling_thread(self, newcomer: Newcomer) -> None:
        """From now on `serve` drives the streams of `methods`."""
        self._newcomer = newcomer

    def accept(self, stream: ServerStream) -> None:
        """Take a new stream over. Does not block for long and does not raise: the accepting thread calls it."""
        method = stream.method
        admission = self._outcome(stream, self._check)
        with self._changed:
            refusal = self._refusal(method) if admission is _OK else admission
            if refusal is not None:
                drive = partial(_finish, stream, refusal)
            else:
                self._open += 1
                self._handled += 1
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
                while self._turn is None and not self._closed:
                    self._changed.wait(SIGNALS_EVERY_S)
                stream, self._turn = self._turn, None
            if stream is None:
                return
            self._drive(stream, self._methods[stream.method], serving=True)

    def close(self) -> None:
        """Refuse new streams, and let `serve` return when it is done with the one it drives."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drain(self, timeout_s: float) -> bool:
        """Wait until no stream is open; False when the time is up."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout_s)

    def _drive(self, stream: ServerStream, handler: StreamHandler, serving: bool = False) -> None:
        try:
            status = self._outcome(stream, handler)
        except BaseException:  # a signal handler's, in the main thread: it ends the process
            stream.cancel()
            self._tell(stream, to_status(_stopping(stream.method)))
            raise
        finally:
            with self._changed:
                self._handled -= 1
                if serving:
                    self._occupied = self._turn is not None
        self._tell(stream, status)

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
        with self._changed:
            self._handled -= 1
        self._tell(stream, status)

    def _give_turn(self, stream: ServerStream) -> None:
        self._turn = stream
        self._occupied = True
        self._changed.notify_all()

    def _tell(self, stream: ServerStream, status: Status) -> None:
        try:
            _finish(stream, status)
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def _check(self, stream: ServerStream) -> None:
        if self._authorize is not None:
            self._authorize(stream.method, stream.metadata)

    def _refusal(self, method: str) -> Status | None:
        if method not in self._beside and method not in self._methods:
            known = ", ".join(sorted({*self._methods, *self._beside}))
            return Status(grpc.StatusCode.UNIMPLEMENTED, f"{method} is not served here; these are: {known}.", b"")
        if self._closed:
            return to_status(_stopping(method))
        if self._handled < self._max_streams:
            return None
        return to_status(
            ExhaustedError(
                "TOO_MANY_STREAMS",
                f"{method}: {self._handled} streams are open, and no more than {self._max_streams} may be.",
                limit=self._max_streams,
            )
        )

    def _outcome(self, stream: ServerStream, handler: StreamHandler) -> Status:
        """Run author code; return the status to end with."""
        try:
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


def _stopping(method: str) -> UnavailableError:
    return UnavailableError("SERVER_STOPPING", f"The server of {method} is stopping; try another.")


def _finish(stream: ServerStream, status: Status) -> None:
    stream.finish(status.code.value[0], status.message, status.trailing_metadata if status.details else ())
