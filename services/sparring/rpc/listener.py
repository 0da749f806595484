"""One gRPC port that keeps listening: opened with one clear error, and opened again if grpcio's accept loop breaks.

grpc.aio (seen in 1.85.1) decodes the path of each request in its accept loop; a path that is not UTF-8, which any peer
can send, ends the loop and with it the server. Open calls go on, new ones are refused. No peer may end a service, so
that is noticed and a second server takes the port, beside the first, which still answers its open calls.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import grpc

from sparring.rpc.addresses import Address, why_not_bindable
from sparring.rpc.limits import MAX_OPEN_CALLS, MESSAGE_SIZE_OPTIONS
from sparring.types.errors import FailedPreconditionError

_log = logging.getLogger(__name__)

_OPTIONS: Final = (
    *MESSAGE_SIZE_OPTIONS,
    ("grpc.so_reuseport", 0),  # a taken port is an error, not a second server that gets half of the calls
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.ping_timeout_ms", 20_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # what peers may send us
)
_LOOK_EVERY_S: Final = 0.2
_REBIND_WITHIN_S: Final = 10.0
_REBIND_EVERY_S: Final = 0.02
_STOP_WITHIN_S: Final = 5.0
_MOST_SERVERS: Final = 4  # beyond, the oldest is stopped with whatever it still answers


class Listener:
    """A grpc.aio server at one address."""

    def __init__(
        self,
        address: Address,
        handlers: tuple[grpc.GenericRpcHandler, ...],
        interceptor: grpc.aio.ServerInterceptor,
        credentials: grpc.ServerCredentials | None,
    ) -> None:
        self._address = address
        self._handlers = handlers
        self._interceptor = interceptor
        self._credentials = credentials
        self._servers: list[grpc.aio.Server] = []  # the last one accepts

    async def open(self) -> Address:
        """Bind and accept; returns the address with the port that was bound.

        Raises:
            FailedPreconditionError: ADDRESS_NOT_BINDABLE.
        """
        try:
            server, port = self._bound()
        except RuntimeError as error:
            raise FailedPreconditionError(
                "ADDRESS_NOT_BINDABLE",
                f"Cannot serve gRPC at {self._address}: {why_not_bindable(self._address)}. "
                "Choose another address, or 0 as port.",
                address=self._address,
            ) from error
        self._address = self._address.with_port(port)
        self._servers.append(server)
        await server.start()
        return self._address

    async def keep_open(self) -> None:
        """Watch the accept loop until cancelled, and replace it when it breaks.

        Raises:
            TimeoutError: the address could not be bound again within 10 s.
        """
        while True:
            try:
                await self._servers[-1].wait_for_termination(_LOOK_EVERY_S)
            except Exception as error:
                _log.error("%s stopped accepting calls; opening it again", self._address, exc_info=error)
                async with asyncio.timeout(_REBIND_WITHIN_S):
                    await self._reopen()

    async def close(self, grace_s: float) -> None:
        """Stop accepting; cancel what is still open after the grace."""
        await asyncio.gather(*(self._stop(server, grace_s) for server in self._servers))

    async def _stop(self, server: grpc.aio.Server, grace_s: float) -> None:
        for _ in range(2):
            try:
                async with asyncio.timeout(grace_s + _STOP_WITHIN_S):
                    await server.stop(grace_s)
                return
            except TimeoutError:
                _log.error("%s did not stop within %g s; left to the end of the process", self._address, grace_s)
                return
            except Exception as error:
                # Its accept loop broke a moment ago and says so here; the second time it only stops.
                _log.error("%s stopped accepting calls", self._address, exc_info=error)

    async def _reopen(self) -> None:
        while True:
            try:
                server, _ = self._bound()
            except RuntimeError:
                await asyncio.sleep(_REBIND_EVERY_S)  # the system lets go of the port in a moment
                continue
            self._servers.append(server)
            await server.start()
            break
        while len(self._servers) > _MOST_SERVERS:
            await self._stop(self._servers.pop(0), grace_s=0.0)

    def _bound(self) -> tuple[grpc.aio.Server, int]:
        server = grpc.aio.server(
            handlers=self._handlers,
            interceptors=(self._interceptor,),
            options=_OPTIONS,
            maximum_concurrent_rpcs=MAX_OPEN_CALLS,
        )
        address = str(self._address)
        if self._credentials is None:
            return server, server.add_insecure_port(address)
        return server, server.add_secure_port(address, self._credentials)
