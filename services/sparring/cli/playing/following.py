"""A watch that outlives lost streams: begun again after the last event seen, until the run has ended."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Final, Protocol

from sparring.cli.access.records import EventRecord, PhaseRecord, ProgressRecord, RunRecord
from sparring.rpc.retry import Backoff
from sparring.types.errors import AbortedError, DeadlineError, LostError, SparringError, UnavailableError

PASSING: Final = (UnavailableError, LostError, AbortedError, DeadlineError)
BACKOFF: Final = Backoff(attempts=40, first_s=0.2, most_s=5.0, budget_s=180.0)
"""How long a governor may be away, for a supervisor to start it again or for another to take over."""


class Watched(Protocol):
    """What a run can be watched through."""

    def watch_run(self, run: str, after_revision: int = 0) -> AsyncIterator[EventRecord | ProgressRecord]:
        """Yield durable events after a revision, with progress in between, until the run has ended."""

    async def run(self, run: str) -> tuple[RunRecord, list[PhaseRecord]]:
        """Return a run as it stands."""


async def follow(
    watched: Watched, run: str, *, backoff: Backoff = BACKOFF, rng: random.Random | None = None
) -> AsyncIterator[EventRecord | ProgressRecord]:
    """Yield what happens to a run until it has ended; no event twice.

    Raises:
        SparringError: the run is unknown, or nobody could be reached for too long.
    """
    jitter = rng or random.Random()
    revision = 0
    pauses = backoff.pauses_s(jitter)
    while True:
        broken: SparringError | None = None
        try:
            async for seen in watched.watch_run(run, revision):
                pauses = backoff.pauses_s(jitter)
                if isinstance(seen, EventRecord):
                    if seen.revision <= revision:
                        continue
                    revision = seen.revision
                yield seen
                if isinstance(seen, EventRecord) and seen.run.over:
                    return
            if (await watched.run(run))[0].over:
                return
        except PASSING as error:
            broken = error
        pause_s = next(pauses, None)
        if pause_s is None:
            raise broken or UnavailableError("WATCH_ENDED", f"Watching {run} ends again and again.", run=run)
        await asyncio.sleep(pause_s)
