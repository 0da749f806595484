"""The broker behind the governor's port."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence

from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.governor.ports import Announced, Bundle
from sparring.types.errors import SparringError
from sparring.types.holding import SessionEvent
from sparring.types.plan import Grant

AGAIN_S = 0.5
"""The pause before a watch that broke is begun again."""


class BrokerSlots:
    """See `SlotBroker`."""

    def __init__(self, client: BrokerClient) -> None:
        self._client = client
        self._client_id = secrets.token_hex(8)

    async def acquire(self, bundle: Bundle) -> Mapping[str, Grant]:
        """Wait for a bundle."""
        return await self._client.acquire(
            {label: SlotWish(slot.service, slot.component) for label, slot in bundle.slots.items()},
            client_id=self._client_id,
            run=bundle.run,
            wait_s=bundle.wait_s,
            at_head=bundle.at_head,
            lifetime_s=bundle.lifetime_s,
        )

    async def release(self, tokens: Sequence[str]) -> None:
        """Give sessions back."""
        await self._client.release(tokens)

    async def watch(self, tokens: Sequence[str]) -> AsyncIterator[SessionEvent]:
        """Tell what becomes of sessions; begins again whenever the broker comes back."""
        while True:
            try:
                async for event in self._client.watch_sessions(tokens):
                    yield event
            except SparringError:
                pass  # no broker now: streams and deadlines decide meanwhile
            await asyncio.sleep(AGAIN_S)

    async def announced(self) -> Announced:
        """Return who can run what."""
        services = await self._client.list_services()
        return {
            service.name: [frozenset(one.name for one in worker.announcements) for worker in service.workers]
            for service in services
        }
