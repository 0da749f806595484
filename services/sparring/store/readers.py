"""Reading and other work that blocks, in a few threads beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sparring.store.ports import Database, Tables

Result = TypeVar("Result")

THREADS: Final = 4


class Readers:
    """Threads that read. Work that is under way when its caller is cancelled is finished all the same."""

    def __init__(self, database: Database, pool: ThreadPoolExecutor) -> None:
        self._database = database
        self._pool = pool

    async def read(self, work: Callable[[Tables], Result]) -> Result:
        """Run `work` on what is durable.

        Raises:
            UnavailableError: STORE_BUSY.
        """
        return await self.run(lambda: self._database.read(work))

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run anything that blocks."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def each(self, made: Callable[[], Iterator[Result]]) -> AsyncGenerator[Result]:
        """Yield what an iterator yields that blocks; it is as far ahead as its reader."""
        iterator = await self.run(made)
        try:
            while (found := await self.run(lambda: next(iterator, _END))) is not _END:
                yield found  # type: ignore[misc]
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                await asyncio.shield(self.run(close))


_END: Final = object()


@contextlib.asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Readers]:
    """Have readers for the length of the block; what they do is finished at its end."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="store reader")
    try:
        yield Readers(database, pool)
    finally:
        # Waits for what is under way, which is bounded: reading a page, sealing a phase.
        await asyncio.get_running_loop().run_in_executor(None, pool.shutdown)
