"""Ctrl-C: once for an orderly end, twice for an end now."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

INTERRUPTED: Final = 130
"""Exit code: 128 + SIGINT, as shells have it."""

_SHOW_CURSOR: Final = "\x1b[?25h"


def end_now() -> None:
    """End this process on the spot. Its children see their pipes close and end as well; the store is durable anyway."""
    with contextlib.suppress(Exception):
        if sys.stdout.isatty():
            sys.stdout.write(f"\n{_SHOW_CURSOR}")
        sys.stdout.flush()
        sys.stderr.write("Stopped.\n")
        sys.stderr.flush()
    os._exit(INTERRUPTED)


def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()


class Interrupts:
    """What Ctrl-C and SIGTERM do while the block goes on. By default the first one cancels the task that opened it.

    Attributes:
        count: how often there was one.
    """

    def __init__(self, end: Callable[[], None] = end_now) -> None:
        self.count = 0
        self._end = end
        self._gently: Callable[[], None] = lambda: None

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Handle signals; must be entered by the task that is to be cancelled."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._gently = lambda: _cancel(task)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.interrupt)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    @contextlib.contextmanager
    def gently(self, action: Callable[[], None]) -> Iterator[None]:
        """Do something else at the first one, instead of cancelling the task."""
        before, self._gently = self._gently, action
        try:
            yield
        finally:
            self._gently = before

    def interrupt(self) -> None:
        """Take one Ctrl-C."""
        self.count += 1
        if self.count == 1:
            self._gently()
        else:
            self._end()
