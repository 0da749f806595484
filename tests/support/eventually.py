"""Wait for something to become true, with a deadline: what tests use instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")

WITHIN_S = 10.0
EVERY_S = 0.02


class NeverHappenedError(AssertionError):
    """The deadline passed; the message says what the last attempt gave."""


class _Attempts:
    """What has been tried so far, and what came of it."""

    def __init__(self, within_s: float, message: str) -> None:
        self._deadline = time.monotonic() + within_s
        self._within_s = within_s
        self._message = message
        self._count = 0
        self._last = "was never tried"
        self._cause: BaseException | None = None

    def remaining_s(self) -> float:
        return self._deadline - time.monotonic()

    def gave(self, result: object) -> None:
        self._note(f"gave {result!r}", None)

    def raised(self, error: BaseException) -> None:
        self._note(f"raised {type(error).__name__}: {error}", error)

    def _note(self, last: str, cause: BaseException | None) -> None:
        self._count, self._last, self._cause = self._count + 1, last, cause
        if time.monotonic() >= self._deadline:
            subject = f"{self._message}: " if self._message else ""
            raise NeverHappenedError(
                f"{subject}did not happen within {self._within_s:g} s; attempt {self._count}, the last, {self._last}"
            ) from self._cause


async def eventually(
    check: Callable[[], Result | Awaitable[Result]],
    *,
    within_s: float = WITHIN_S,
    every_s: float = EVERY_S,
    retry_on: tuple[type[Exception], ...] = (AssertionError,),
    message: str = "",
) -> Result:
    """Repeat `check` until it gives something true, and return that.

    Args:
        check: plain or async. A false result (None included: a check made of asserts ends with `return True`) and the
            exceptions in `retry_on` mean "not yet"; any other exception is raised at once.
        within_s: the deadline, in seconds. An async check that hangs is cancelled at the deadline.
        every_s: pause between two attempts, in seconds.
        retry_on: exceptions that mean "not yet".
        message: what is waited for; opens the message of a failure.

    Raises:
        NeverHappenedError: the deadline passed; says what the last attempt gave or raised.
    """
    attempts = _Attempts(within_s, message)
    while True:
        limit = asyncio.timeout(attempts.remaining_s())
        try:
            async with limit:
                given = check()
                found = await given if inspect.isawaitable(given) else given
        except retry_on as error:
            attempts.raised(error)
        except TimeoutError as error:
            if not limit.expired():
                raise
            attempts.raised(error)
        else:
            if found:
                return found
            attempts.gave(found)
        await asyncio.sleep(every_s)


def eventually_sync(
    check: Callable[[], Result],
    *,
    within_s: float = WITHIN_S,
    every_s: float = EVERY_S,
    retry_on: tuple[type[Exception], ...] = (AssertionError,),
    message: str = "",
) -> Result:
    """Repeat `check` until it gives something true, and return that: `eventually` for code without an event loop."""
    attempts = _Attempts(within_s, message)
    while True:
        try:
            found = check()
        except retry_on as error:
            attempts.raised(error)
        else:
            if found:
                return found
            attempts.gave(found)
        time.sleep(every_s)
