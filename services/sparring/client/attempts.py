"""What is left of the attempts to bring something to its end over another stream."""

from __future__ import annotations

import asyncio
import itertools
import random
import time

from sparring.rpc.retry import Backoff
from sparring.types.errors import SparringError


class Attempts:
    """Counts attempts and pauses between them.

    Args:
        backoff: Attempts, pauses and budget.
        until: No attempt begins later, on `time.monotonic`.
    """

    def __init__(self, backoff: Backoff, until: float) -> None:
        self._pauses_s = itertools.chain((0.0,), backoff.pauses_s(random.Random()))
        self._until = min(until, time.monotonic() + backoff.budget_s)

    def begin(self, error: SparringError) -> None:
        """Wait before the next attempt, except before the first; raise `error` where none is left."""
        time.sleep(self.pause_s(error))

    async def begin_soon(self, error: SparringError) -> None:
        """Do as `begin`, on an event loop."""
        await asyncio.sleep(self.pause_s(error))

    def pause_s(self, error: SparringError) -> float:
        """Return how long to wait before the next attempt; raise `error` where none is left."""
        pause_s = next(self._pauses_s, None)
        if pause_s is None or time.monotonic() + pause_s > self._until:
            raise error
        return pause_s
