"""A listening port over grpcio's public interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import grpc

from sparring.rpc.step_stream import ending
from sparring.rpc.step_stream.plain.server import PlainServerStream
from sparring.rpc.step_stream.stream import Arguments, ServerStream

_MAX_CALLS: Final = 256
_LONG_S: Final = 3600.0
_SHUTDOWN_TIMEOUT_S: Final = 5.0


class PlainListener(grpc.GenericRpcHandler):
    """Takes in calls and hands them on."""

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
            idle_within: not needed here; gRPC's own threads poll in any case.
        """
        self._credentials = credentials
        self._accept = accept
        self._threads = ThreadPoolExecutor(_MAX_CALLS, "step-writer")
        self._server = grpc.server(self._threads, [self], options=arguments, maximum_concurrent_rpcs=_MAX_CALLS)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Take any method: whether it is served is decided where all transports decide it."""
        return grpc.stream_stream_rpc_method_handler(partial(self._answer, handler_call_details.method))

    def bind(self, address: str) -> int:
        """Listen and return the port; calls wait until `start`."""
        try:
            if self._credentials is None:
                return self._server.add_insecure_port(address)
            return self._server.add_secure_port(address, self._credentials)
        except RuntimeError as error:
            raise ending.cannot_listen(address) from error

    def start(self) -> None:
        """Begin to take in calls."""
        self._server.start()

    def shut(self) -> None:
        """Take in no further call."""
        self._server.stop(_LONG_S)

    def cancel(self) -> None:
        """Break off the streams that are left, and give everything back. Only after `shut`."""
        self._server.stop(0.0).wait(_SHUTDOWN_TIMEOUT_S)
        self._threads.shutdown(wait=False)

    def _answer(self, method: str, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        return PlainServerStream(method, requests, context).answer(self._accept)
