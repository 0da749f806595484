"""News of one event loop: whoever waits for something looks again whenever there are any."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable


class News:
    """Used by one event loop."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Let everybody who waits look again."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, reached: Callable[[], bool], within_s: float | None) -> bool:
        """Wait for something that news may bring; False when the time is up. None waits for as long as it takes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not reached():
                    await self._next.wait()
                return True
        return False
