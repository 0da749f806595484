"""Calls that may be repeated, repeated while the service is away."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeVar

from sparring.client.attempts import Attempts
from sparring.client.session_errors import is_broken
from sparring.rpc.retry import Backoff
from sparring.types.errors import SparringError, UnavailableError

Result = TypeVar("Result")

AWAY: Final = Backoff(attempts=1000, first_s=0.1, most_s=2.0, budget_s=120.0)
"""How long a service may be away."""


class ServicePlace(Protocol):
    """Where a service is now."""

    async def stub(self) -> Any:
        """Return a stub of the service, connected as far as is known.

        Raises:
            DeadlineError: BUNDLE_UNAVAILABLE, no worker of it has registered.
        """

    async def forget(self, stub: Any) -> None:
        """Say that nobody answers at this stub: the next one may lead elsewhere."""


class RepeatedCalls:
    """Carries calls out, and again while the service is away: for calls that change nothing the second time.

    Args:
        place: Where the service is.
        away: Attempts and budget of one outage.
        full: Attempts and budget where it is a store without room; None means as for an outage.
    """

    def __init__(self, place: ServicePlace, away: Backoff = AWAY, full: Backoff | None = None) -> None:
        self._place = place
        self._away = away
        self._full = full

    async def call(self, action: Callable[[Any], Awaitable[Result]]) -> Result:
        """Await `action(stub)` until it succeeds.

        Raises:
            UnavailableError: The service stayed away for its budget.
            SparringError: Any other, at once.
        """
        attempts = self.attempts()
        while True:
            stub = await self._place.stub()
            try:
                return await action(stub)
            except SparringError as error:
                await self.pause(error, stub, attempts)

    async def stub(self) -> Any:
        """Return the stub, for streams that begin anew by themselves."""
        return await self._place.stub()

    def attempts(self) -> Attempts:
        """Return a fresh budget."""
        return Attempts(self._away, math.inf, self._full)

    async def pause(self, error: SparringError, stub: Any, attempts: Attempts) -> None:
        """Wait before the next attempt; raise `error` where it will not help, or none is left."""
        if not (isinstance(error, UnavailableError) or is_broken(error)):
            raise error
        if is_broken(error):
            await self._place.forget(stub)
        await attempts.begin_soon(error)
