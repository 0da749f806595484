"""Owner of the tasks that run beside a block: none outlives it, and none fails unseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Final, Self

_log = logging.getLogger(__name__)
_CANCEL_EVERY_S: Final = 0.1


class Tasks:
    """Tasks that serve a block and end with it, such as watchers and connection handlers.

    Unlike `asyncio.TaskGroup`, a task that fails is logged and does not cancel the others, and leaving the block
    cancels what still runs instead of waiting for it; the exceptions of the block pass unwrapped.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Run `work` until it ends or the block does."""
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("task %s failed", task.get_name(), exc_info=error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        while self._running:
            for task in tuple(self._running):
                task.cancel()
            # Once more after a while: before Python 3.12 `asyncio.wait_for` may swallow a cancellation.
            await asyncio.wait(tuple(self._running), timeout=_CANCEL_EVERY_S)
