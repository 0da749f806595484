"""Questions about author classes from outside: each in a process of its own, and few at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sparring.host.describing import describe
from sparring.types.errors import NotFoundError, SparringError

USUAL_S: Final = 120.0
MOST_S: Final = 3600.0
_START_S: Final = 10.0
"""What the start of the process may take, besides author code."""


class Inquiry:
    """Used by one event loop.

    Args:
        entry: See `describing.describe`.
        plugins: As in `SlotConfiguration`.
        search_paths: As in `SlotConfiguration`.
        at_once: How many processes there may be; more questions wait.
    """

    def __init__(self, entry: str, plugins: Sequence[str], search_paths: Sequence[str], at_once: int) -> None:
        self._entry = entry
        self._plugins = plugins
        self._search_paths = search_paths
        self._turn = asyncio.Semaphore(at_once)

    async def ask(self, question: Mapping[str, Any], timeout_s: float, offered: Sequence[str]) -> dict[str, Any]:
        """Return the answer to one question.

        Args:
            question: As the entry knows it.
            timeout_s: Deadline of author code; 0 means 120.
            offered: Names of what there is, for the error that says that something is not there.

        Raises:
            SparringError: What is wrong.
        """
        within_s = min(timeout_s or USUAL_S, MOST_S) + _START_S
        async with self._turn:
            (answer,) = await describe(
                self._entry, [question], timeout_s=within_s, plugins=self._plugins, search_paths=self._search_paths
            )
        if isinstance(answer, NotFoundError):
            raise answer.with_values(offered=", ".join(offered))
        if isinstance(answer, SparringError):
            raise answer
        return answer
