"""Finds the store: granted once by the broker, then called directly; granted anew when it is not reached any more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc

from sparring.api.store.v1 import store_service_pb2_grpc as pb_grpc
from sparring.client.access import NO_ACCESS, Access, open_session_channel
from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.rpc.channels import Channel
from sparring.types.plan import Grant

FIND_S: Final = 60.0


class FixedStore:
    """A store at a channel that somebody else owns, such as the broker's, which forwards."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = pb_grpc.StoreServiceStub(channel)

    async def stub(self) -> Any:
        """Return the one stub."""
        return self._stub

    async def forget(self, stub: Any) -> None:
        """Do nothing: there is no other place."""


class GrantedStore:
    """A store that is found by its name, over sessions granted by the broker."""

    def __init__(
        self, broker: BrokerClient, client_id: str, access: Access, *, service: str = "store", run: str = ""
    ) -> None:
        self._broker = broker
        self._client_id = client_id
        self._access = access
        self._service = service
        self._run = run
        self._finding = asyncio.Lock()
        self._found: tuple[Grant, Channel, Any] | None = None

    @property
    def grant(self) -> Grant | None:
        """The grant in use, for a plan that leads others to the same store."""
        return None if self._found is None else self._found[0]

    async def stub(self) -> Any:
        """Return the stub, after asking the broker where the store is if that is not known."""
        async with self._finding:
            if self._found is None:
                wish = {"store": SlotWish(self._service)}
                granted = await self._broker.acquire(wish, client_id=self._client_id, run=self._run, wait_s=FIND_S)
                channel = open_session_channel(granted["store"], self._access)
                self._found = granted["store"], channel, pb_grpc.StoreServiceStub(channel)
            return self._found[2]

    async def forget(self, stub: Any) -> None:
        """Let the grant go."""
        if self._found is not None and self._found[2] is stub:
            await self.close()

    async def close(self) -> None:
        """Close the channel; the grant lapses by itself."""
        found, self._found = self._found, None
        if found is not None:
            await found[1].close()


@contextlib.asynccontextmanager
async def granted_store(
    broker: BrokerClient, client_id: str, *, access: Access = NO_ACCESS, run: str = ""
) -> AsyncIterator[GrantedStore]:
    """Find the store when it is first needed, for the length of the block.

    Args:
        broker: Says where it is.
        client_id: Who asks.
        access: Token and TLS material.
        run: On whose behalf, for people.
    """
    place = GrantedStore(broker, client_id, access, run=run)
    try:
        yield place
    finally:
        await place.close()
