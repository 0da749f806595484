"""Two streams shown as one: what must all be seen, with what passes in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, TypeVar

Lasting = TypeVar("Lasting")
Passing = TypeVar("Passing")


async def merged(
    lasting: AsyncIterator[Lasting], passing: AsyncIterator[Passing], stop: asyncio.Event
) -> AsyncGenerator[Lasting | Passing, None]:
    """Yield what both yield, as it comes, until `lasting` ends or `stop` is set; both are closed then.

    Nothing is read ahead: a consumer that is slow makes both wait.

    Raises:
        Exception: What either of them raises.
    """
    stopped = asyncio.ensure_future(stop.wait())
    streams: dict[asyncio.Future[Any], AsyncIterator[Lasting | Passing]] = {}
    try:
        streams[asyncio.ensure_future(anext(lasting))] = lasting
        streams[asyncio.ensure_future(anext(passing))] = passing
        while not stop.is_set():
            await asyncio.wait((*streams, stopped), return_when=asyncio.FIRST_COMPLETED)
            for ready in [each for each in streams if each.done()]:
                stream = streams.pop(ready)
                try:
                    item = ready.result()
                except StopAsyncIteration:
                    if stream is lasting:
                        return
                    continue
                yield item
                streams[asyncio.ensure_future(anext(stream))] = stream
    finally:
        for left in (stopped, *streams):
            left.cancel()
        await asyncio.gather(stopped, *streams, return_exceptions=True)
        for each in (lasting, passing):
            if isinstance(each, AsyncGenerator):
                await each.aclose()
