"""Serves step streams: a handler per method, run directly in the thread that drives the stream."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final, Self

import grpc

from sparring.rpc.limits import MESSAGE_SIZE_OPTIONS
from sparring.rpc.step_stream.dispatch import Dispatch, Newcomer, no_room
from sparring.rpc.step_stream.stream import Arguments, Metadata, StreamHandler
from sparring.rpc.step_stream.transport import Transport, best

_ARGUMENTS: Final[Arguments] = (*MESSAGE_SIZE_OPTIONS, ("grpc.so_reuseport", 0))
_GRACE_S: Final = 5.0
_CANCELLED_S: Final = 1.0
_LOOK_EVERY_S: Final = 0.1
_MAX_STREAMS: Final = 64


class StepServer:
    """A server of step streams.

    ```
    server = StepServer({"/pkg.Service/Run": handler}, "127.0.0.1:0")
    port = server.start()          # each stream gets a thread of its own
    ...
    server.stop()
    ```

    or, where author code must stay in one and the same thread, as in the main thread of a slot's process:

    ```
    port = server.bind()
    server.serve(stop)             # drives one stream after the other here, until the event `stop` is set
    ```
    """

    def __init__(
        self,
        methods: Mapping[str, StreamHandler],
        address: str = "127.0.0.1:0",
        *,
        beside: Mapping[str, StreamHandler] | None = None,
        authorize: Callable[[str, Metadata], None] | None = None,
        credentials: grpc.ServerCredentials | None = None,
        max_streams: int = _MAX_STREAMS,
        options: Arguments = (),
        transport: Transport | None = None,
    ) -> None:
        """Prepare; `bind`, `start` or `serve` listens.

        Args:
            methods: handler by full method name, such as `/pkg.Service/Run`. `unary` makes one for a unary method.
            address: "host:port"; port 0 takes any.
            beside: methods whose streams get a thread of their own even with `serve`, such as a health check.
            authorize: given method and metadata before anything else; raises to refuse. Must not block.
            credentials: for TLS; None serves plaintext.
            max_streams: how many streams may be open; one more is refused with TOO_MANY_STREAMS.
            options: further channel arguments of gRPC; they win over ours.
            transport: None takes the best that works.
        """
        self._address = address
        self._dispatch = Dispatch(methods, beside or {}, authorize, max_streams)
        arguments = tuple({**dict(_ARGUMENTS), **dict(options)}.items())
        dispatch = self._dispatch
        self._listener = (transport or best()).listen(arguments, credentials, dispatch.accept, dispatch.drain)
        self._port = 0
        self._stopping = threading.Lock()
        self._stopped = threading.Event()

    def bind(self) -> int:
        """Listen and return the port. Streams wait until `start` or `serve`.

        Raises:
            FailedPreconditionError: ADDRESS_NOT_FREE.
        """
        if not self._port:
            self._port = self._listener.bind(self._address)
        return self._port

    def start(self) -> int:
        """Serve in the background, each stream in a thread of its own; return the port."""
        port = self.bind()
        self._listener.start()
        return port

    def serve(self, stop: threading.Event, *, newcomer: Newcomer = no_room, grace_s: float = _GRACE_S) -> None:
        """Drive one stream after the other in the calling thread, until `stop` is set or `stop()` is called.

        Args:
            stop: may be set by any thread, or by a signal handler.
            newcomer: meets a stream that comes while another is driven, in a thread of its own: peeks at its first
                message and raises, answers it, or returns True, whereupon it waits until this thread is free. One may
                wait. The default refuses with SLOT_TAKEN.
            grace_s: how long the stream that is driven then may go on; afterwards it is cancelled.
        """
        self._dispatch.in_calling_thread(newcomer)
        self.start()
        keeper = threading.Thread(target=self._stop_when, args=(stop, grace_s), name="step-stop", daemon=True)
        keeper.start()
        try:
            self._dispatch.serve()
        finally:
            self.stop(0.0)
            keeper.join(_GRACE_S)

    def stop(self, grace_s: float = _GRACE_S) -> None:
        """Refuse new streams, let the open ones go on for `grace_s`, cancel what is left. Not from within a handler."""
        self._dispatch.close()
        with self._stopping:
            if self._stopped.is_set():
                return
            self._stopped.set()
            if self._port:
                self._listener.shut()
                self._dispatch.drain(grace_s)
                self._listener.cancel()
                self._dispatch.drain(_CANCELLED_S)

    def _stop_when(self, stop: threading.Event, grace_s: float) -> None:
        while not self._stopped.is_set():
            if stop.wait(_LOOK_EVERY_S):
                self.stop(grace_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
