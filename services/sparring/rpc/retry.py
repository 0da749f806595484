"""Repeats what failed for a passing reason, a bounded number of times, with growing and jittered pauses.

Full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from sparring.types.errors import SparringError, UnavailableError

Result = TypeVar("Result")

RETRIED: Final = (UnavailableError,)
"""Errors that mean "repeat the same call". Others are for callers who know that they may repeat more."""


@dataclass(frozen=True)
class Backoff:
    """How often to try, and how long to pause in between.

    Attributes:
        attempts: at most so many, the first one included.
        first_s: upper limit of the first pause; each further limit is `factor` times the one before.
        factor: growth of the limit.
        most_s: no limit is above this.
        budget_s: no attempt starts later than this after the first.
    """

    attempts: int = 5
    first_s: float = 0.1
    factor: float = 2.0
    most_s: float = 5.0
    budget_s: float = 30.0

    def pauses_s(self, rng: random.Random) -> Iterator[float]:
        """Yield the pause before each further attempt, drawn evenly between zero and its limit."""
        limit_s = min(self.first_s, self.most_s)
        for _ in range(self.attempts - 1):
            yield rng.uniform(0.0, limit_s)
            limit_s = min(limit_s * self.factor, self.most_s)


async def retried(
    action: Callable[[], Awaitable[Result]],
    *,
    on: tuple[type[SparringError], ...] = RETRIED,
    backoff: Backoff = Backoff(),
    rng: random.Random | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Await `action()` until it succeeds.

    Args:
        action: makes a new attempt each time; carries the same idempotency key in each, where it changes something.
        on: errors after which to try again; where one says `retry_after_ms`, the pause is at least that.
        backoff: attempts, pauses and budget.
        rng: of the jitter; seeded in tests.
        sleep: pauses.
        clock: in seconds, never going back.

    Raises:
        SparringError: of the last attempt, when attempts or budget are used up; any other error at once.
    """
    plan = _Plan(backoff, on, rng or random.Random(), clock)
    while True:
        try:
            return await action()
        except on as error:
            await sleep(plan.pause_s(error))


def retried_sync(
    action: Callable[[], Result],
    *,
    on: tuple[type[SparringError], ...] = RETRIED,
    backoff: Backoff = Backoff(),
    rng: random.Random | None = None,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Call `action()` until it succeeds: `retried` for threads."""
    plan = _Plan(backoff, on, rng or random.Random(), clock)
    while True:
        try:
            return action()
        except on as error:
            sleep(plan.pause_s(error))


class _Plan:
    """What is left of the attempts and of the budget."""

    def __init__(
        self, backoff: Backoff, on: tuple[type[SparringError], ...], rng: random.Random, clock: Callable[[], float]
    ) -> None:
        self._pauses_s = backoff.pauses_s(rng)
        self._clock = clock
        self._until_s = clock() + backoff.budget_s

    def pause_s(self, error: SparringError) -> float:
        """Return how long to pause after `error`; raise it where no attempt is left."""
        pause_s = next(self._pauses_s, None)
        if pause_s is None:
            raise error
        told_ms = error.metadata.get("retry_after_ms", "")
        if told_ms.isascii() and told_ms.isdecimal() and len(told_ms) <= 9:
            pause_s = max(pause_s, int(told_ms) / 1000)
        if self._clock() + pause_s > self._until_s:
            raise error
        return pause_s
