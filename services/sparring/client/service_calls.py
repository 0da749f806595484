"""Calls of a service by its name: ordinary generated stubs on a channel to the broker."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import grpc

SERVICE_KEY: Final = "sparring-service"
CLIENT_ID_KEY: Final = "sparring-client-id"
REQUEST_ID_KEY: Final = "sparring-request-id"
RETRY_SAFE_KEY: Final = "sparring-retry-safe"

Metadata = Sequence[tuple[str, str | bytes]]


class ServiceChannel(grpc.aio.Channel):
    """A view of a channel to the broker: what is called on it goes to one service. It does not own that channel.

    `GovernorServiceStub(ServiceChannel(broker, "governor"))` is a governor, wherever it runs.
    """

    def __init__(
        self, broker: grpc.aio.Channel, service: str, *, client_id: str = "", retry_safe: bool = False
    ) -> None:
        """Make the view.

        Args:
            broker: The channel.
            service: The name under which the service is registered.
            client_id: Who asks; queues are fair over clients. Empty: each connection is a client of its own.
            retry_safe: Its calls may be given to another worker when one is lost in the middle.
        """
        self._broker = broker
        self._metadata: Metadata = (
            (SERVICE_KEY, service),
            *(((CLIENT_ID_KEY, client_id),) if client_id else ()),
            *(((RETRY_SAFE_KEY, "true"),) if retry_safe else ()),
        )

    def unary_unary(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Return a function that sends one message and is answered by one."""
        return self._named(self._broker.unary_unary(method, *arguments, **named))

    def unary_stream(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Return a function that sends one message and is answered by a stream."""
        return self._named(self._broker.unary_stream(method, *arguments, **named))

    def stream_unary(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Make the stub complete; a broker does not forward such calls."""
        return self._named(self._broker.stream_unary(method, *arguments, **named))

    def stream_stream(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Make the stub complete; a broker does not forward such calls."""
        return self._named(self._broker.stream_stream(method, *arguments, **named))

    async def close(self, grace: float | None = None) -> None:
        """Do nothing: the channel is somebody else's."""

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """Return whether the channel is connected."""
        return self._broker.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Wait until the state is another one."""
        await self._broker.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Wait until the channel is connected."""
        await self._broker.channel_ready()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def _named(self, call: Any) -> Any:
        own = self._metadata
        return lambda *arguments, metadata=(), **named: call(*arguments, metadata=(*own, *(metadata or ())), **named)
