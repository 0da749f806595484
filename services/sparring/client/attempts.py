"""What is left of the attempts to bring something to its end over another stream."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from typing import Final

from sparring.rpc.retry import Backoff
from sparring.types.errors import SparringError

FULL: Final = Backoff(attempts=100_000, first_s=0.5, most_s=5.0, budget_s=3600.0)
"""How long a run waits for somebody to make room in the store."""


def is_full(error: SparringError) -> bool:
    """Tell whether the store has no room left."""
    return error.reason == "STORE_FULL"


class Attempts:
    """Counts attempts and pauses between them.

    Args:
        backoff: Attempts, pauses and budget.
        until: No attempt begins later, on `time.monotonic`.
        full: The same where a store has no room left: it is there, and people have to make room. None: no difference.
    """

    def __init__(self, backoff: Backoff, until: float, full: Backoff | None = None) -> None:
        self._backoff = backoff
        self._last = until
        self._full = full
        self._waiting: Attempts | None = None
        self._begin()

    def _begin(self) -> None:
        self._pauses_s = itertools.chain((0.0,), self._backoff.pauses_s(random.Random()))
        self._until = min(self._last, time.monotonic() + self._backoff.budget_s)

    def begin(self, error: SparringError) -> None:
        """Wait before the next attempt, except before the first; raise `error` where none is left."""
        time.sleep(self.pause_s(error))

    async def begin_soon(self, error: SparringError) -> None:
        """Do as `begin`, on an event loop."""
        await asyncio.sleep(self.pause_s(error))

    def pause_s(self, error: SparringError) -> float:
        """Return how long to wait before the next attempt; raise `error` where none is left."""
        if self._full is not None and is_full(error):
            self._waiting = self._waiting or Attempts(self._full, self._last)
            self._begin()  # it is there: should it go away after this, that is another outage
            return self._waiting.pause_s(error)
        pause_s = next(self._pauses_s, None)
        if pause_s is None or time.monotonic() + pause_s > self._until:
            raise error
        return pause_s
