"""The broker behind the governor's port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence

from sparring.client.broker_client import BrokerClient, SlotWish
from sparring.governor.ports import Announced, Bundle
from sparring.types.errors import SparringError
from sparring.types.holding import SessionEvent
from sparring.types.plan import Grant

AGAIN_S = 0.5
"""The pause before a watch that broke is begun again."""

_log = logging.getLogger(__name__)


class BrokerSlots:
    """See `SlotBroker`."""

    def __init__(self, client: BrokerClient) -> None:
        self._client = client

    async def acquire(self, bundle: Bundle) -> Mapping[str, Grant]:
        """Wait for a bundle; each run is a client of its own, so that queues are fair over runs."""
        return await self._client.acquire(
            {label: SlotWish(slot.service, slot.component) for label, slot in bundle.slots.items()},
            client_id=bundle.run,
            run=bundle.run,
            wait_s=bundle.wait_s,
            at_head=bundle.at_head,
            lifetime_s=bundle.lifetime_s,
        )

    async def release(self, tokens: Sequence[str]) -> None:
        """Give sessions back."""
        await self._client.release(tokens)

    async def release_run(self, run: str) -> None:
        """Give back what others hold on behalf of a run."""
        await self._client.release((), run)

    async def watch(self, tokens: Sequence[str]) -> AsyncIterator[SessionEvent]:
        """Tell what becomes of sessions. Without a broker, streams and deadlines decide meanwhile."""
        while True:
            try:
                async for event in self._client.watch_sessions(tokens):
                    yield event
                break
            except SparringError as error:
                _log.warning("the broker refuses to watch sessions: %s", error)
                await asyncio.sleep(AGAIN_S)
        await asyncio.Event().wait()  # all are over: asked again, the broker would call them lost

    async def announced(self) -> Announced:
        """Return who can run what."""
        services = await self._client.list_services()
        return {
            service.name: [frozenset(one.name for one in worker.announcements) for worker in service.workers]
            for service in services
        }
