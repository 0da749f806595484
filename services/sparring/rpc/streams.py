"""Streams of answers: one that ends when its server stops, and one that is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, TypeVar

from sparring.types.errors import SparringError

Item = TypeVar("Item")


async def until(stop: asyncio.Event, items: AsyncIterable[Item]) -> AsyncIterator[Item]:
    """Yield `items` until they end or `stop` is set, whichever is first; what is under way then is not yielded.

    For the requests of a stream: `async for request in until(stop, requests): ...`, and the closing frame after it.
    """
    iterator = aiter(items)
    stopped = asyncio.ensure_future(stop.wait())
    item: asyncio.Future[Item] | None = None
    try:
        while not stop.is_set():
            item = asyncio.ensure_future(anext(iterator))
            await asyncio.wait((item, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not item.done():
                return
            try:
                found = item.result()
            except StopAsyncIteration:
                return
            yield found
    finally:
        left = [future for future in (stopped, item) if future is not None]
        for future in left:
            future.cancel()  # nothing to those that are done; their outcome is taken below all the same
        await asyncio.gather(*left, return_exceptions=True)


async def refused(error: SparringError) -> AsyncIterator[Any]:
    """Return the answers of a call that is refused: none, but an error."""
    for each in (error,):
        raise each
    yield None
