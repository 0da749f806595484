"""Tells those who watch a run, within this process, that it has new events."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator


class Changes:
    """Who watches which run. Belongs to one event loop."""

    def __init__(self) -> None:
        self._watching: dict[str, set[asyncio.Event]] = defaultdict(set)

    def tell(self, runs: frozenset[str]) -> None:
        """Wake those who watch these runs."""
        for run in runs:
            for event in self._watching.get(run, ()):
                event.set()

    @contextlib.contextmanager
    def of(self, run: str) -> Iterator[asyncio.Event]:
        """Have an event, for the length of the block, that is set at every change; clear it before looking."""
        event = asyncio.Event()
        self._watching[run].add(event)
        try:
            yield event
        finally:
            self._watching[run].discard(event)
            if not self._watching[run]:
                del self._watching[run]
