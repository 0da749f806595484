"""Author methods written as `async def`: run to their end, in an event loop that lives as long as their object."""

from __future__ import annotations

from types import CoroutineType
from typing import Any

_RUNNER = "_sparring_runner"


def finished(owner: Any, result: Any) -> Any:
    """Return what a method of `owner` returned, or, if that is a coroutine, what becomes of it."""
    if not isinstance(result, CoroutineType):
        return result
    # Imported here, not above: nearly nobody needs it, and it takes longer than all the rest of this package.
    import asyncio

    runner = owner.__dict__.get(_RUNNER)
    if runner is None:
        runner = owner.__dict__[_RUNNER] = asyncio.Runner()
    return runner.run(result)


def close_runner(owner: Any) -> None:
    """Close the event loop of an object that is no longer used, if it has one."""
    runner = owner.__dict__.pop(_RUNNER, None)
    if runner is not None:
        runner.close()
