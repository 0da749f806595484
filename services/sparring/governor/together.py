"""Several things at the same time, ended by the first that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def together(actions: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run all of them; returns their results in order.

    When one raises, the others are cancelled and waited for; then the exception of the first in order that failed is
    raised, as it is, not in a group.
    """
    tasks = [asyncio.ensure_future(action) for action in actions]
    if not tasks:
        return []
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    return [task.result() for task in tasks]
