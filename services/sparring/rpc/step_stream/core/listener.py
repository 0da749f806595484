"""A listening port over cygrpc, and the one thread that takes in new calls."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

import grpc

from sparring.rpc.step_stream import ending
from sparring.rpc.step_stream.core.either_end import ENDED
from sparring.rpc.step_stream.core.layer import NO_EVENT, cygrpc
from sparring.rpc.step_stream.core.server import CoreServerStream
from sparring.rpc.step_stream.stream import Arguments, ServerStream

_LOG = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 0.02
_IDLE_POLL_S: Final = 3600.0
_SHUTDOWN_TIMEOUT_S: Final = 5.0


class CoreListener:
    """Takes in calls and hands them on.

    While any stream is driven the thread here looks only now and then: whoever polls reads from every socket of the
    process, and a thread that polls beside a stream's own takes a third of that stream's round trips away.
    """

    def __init__(
        self,
        arguments: Arguments,
        credentials: grpc.ServerCredentials | None,
        accept: Callable[[ServerStream], None],
        idle_within: Callable[[float], bool],
    ) -> None:
        """Prepare.

        Args:
            arguments: gRPC's channel arguments.
            credentials: for TLS; None serves plaintext.
            accept: takes a new stream over; must not block.
            idle_within: waits some seconds for the moment when no stream is driven, and says whether it came.
        """
        self._credentials = credentials
        self._accept = accept
        self._idle_within = idle_within
        self._server = cygrpc.Server(arguments, False)
        self._queue = cygrpc.CompletionQueue()
        self._server.register_completion_queue(self._queue)
        self._down = threading.Event()
        self._thread = threading.Thread(target=self._take_in, name="step-accept", daemon=True)

    def bind(self, address: str) -> int:
        """Listen and return the port; calls wait until `start`."""
        secret = () if self._credentials is None else (getattr(self._credentials, "_credentials"),)  # noqa: B009
        try:
            port = self._server.add_http2_port(address.encode(), *secret)
        except RuntimeError:
            port = 0
        if not port:
            raise ending.cannot_listen(address)
        self._server.start()
        return int(port)

    def start(self) -> None:
        """Begin to take in calls."""
        self._thread.start()

    def shut(self) -> None:
        """Take in no further call."""
        self._server.shutdown(self._queue, ENDED)

    def cancel(self) -> None:
        """Break off the streams that are left, and give everything back. Only after `shut`."""
        self._server.cancel_all_calls()
        if self._thread.ident is None:
            self._thread.start()
        if self._down.wait(_SHUTDOWN_TIMEOUT_S):
            self._thread.join()
            self._server.destroy()
        else:
            _LOG.warning("A listener did not shut down within %g s; it ends with the process.", _SHUTDOWN_TIMEOUT_S)

    def _take_in(self) -> None:
        self._request()
        idle = True
        while not self._down.is_set():
            event = self._queue.poll(time.time() + (_IDLE_POLL_S if idle else 0.0))
            if event.completion_type == NO_EVENT:
                idle = self._idle_within(_LOOK_EVERY_S)
            elif event.tag == ENDED:
                self._down.set()
            elif event.success:
                self._request()
                self._accept(CoreServerStream(event))
                idle = False

    def _request(self) -> None:
        with contextlib.suppress(ValueError):  # shutting down
            queue = cygrpc.CompletionQueue()
            self._server.request_call(queue, self._queue, queue)
