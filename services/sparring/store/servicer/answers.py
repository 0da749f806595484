"""Answers of a stream in the order of what was asked, while asking goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

Answer = TypeVar("Answer")
Given = TypeVar("Given")

MOST_OPEN: Final = 1024
"""Answers that may be open; beyond it nothing more is read from who does not read them."""


class Answers(Generic[Answer]):
    """A queue of futures, filled by a task of its own and read by iterating.

    Args:
        ask: fills the queue by `put` until there is nothing more; what it raises comes after all answers before it.
    """

    def __init__(self, ask: Callable[[Answers[Answer]], Awaitable[None]]) -> None:
        self._ask = ask
        self._open: asyncio.Queue[tuple[asyncio.Future[Any], Callable[[Any], Answer]] | Exception | None] = (
            asyncio.Queue(MOST_OPEN)
        )
        self._task: asyncio.Task[None] | None = None

    async def put(self, future: asyncio.Future[Given], encode: Callable[[Given], Answer]) -> None:
        """Queue an answer; waits while too many are open."""
        await self._open.put((future, encode))

    async def _run(self) -> None:
        end: Exception | None = None
        try:
            await self._ask(self)
        except Exception as error:
            end = error
        await self._open.put(end)

    async def __aiter__(self) -> AsyncIterator[Answer]:
        while isinstance(found := await self._open.get(), tuple):
            future, encode = found
            yield encode(await future)
        if found is not None:
            raise found

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="store record")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        while not self._open.empty():
            left = self._open.get_nowait()
            if isinstance(left, tuple):
                left[0].cancel()  # nobody will look at it
