"""How long streams end when the service stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import TypeVar, cast

from sparring.rpc.streams import until
from sparring.types.errors import UnavailableError

Item = TypeVar("Item")


def stoppable(stop: asyncio.Event, items: AsyncIterator[Item]) -> AbstractAsyncContextManager[AsyncIterator[Item]]:
    """Have `items` until they end or the service stops, and nothing of them under way behind the block."""
    return aclosing(cast("AsyncGenerator[Item]", until(stop, items)))


def check_stop(stop: asyncio.Event) -> None:
    """Refuse to go on once the service stops; called where a stream ends without knowing why.

    Raises:
        UnavailableError: DRAINING.
    """
    if stop.is_set():
        raise UnavailableError("DRAINING", "The store is stopping; open the stream again when it is back.")
