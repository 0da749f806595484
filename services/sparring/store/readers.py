"""Reading and other work that blocks, in a few threads beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from sparring.store.ports import Database, Tables

Result = TypeVar("Result")

THREADS: Final = 4
"""For reading, and as many again for work that takes longer."""

_INTERRUPT_EVERY_S: Final = 0.5


class Readers:
    """Threads that read. Work that is under way when its caller is cancelled is finished all the same.

    Args:
        database: what is read.
        reads: for short transactions.
        work: for what takes longer, so that it never keeps anybody from reading.
    """

    def __init__(self, database: Database, reads: ThreadPoolExecutor, work: ThreadPoolExecutor) -> None:
        self._database = database
        self._reads = reads
        self._work = work

    async def read(self, work: Callable[[Tables], Result]) -> Result:
        """Run `work` on what is durable.

        Raises:
            UnavailableError: STORE_BUSY.
        """
        return await asyncio.get_running_loop().run_in_executor(self._reads, self._database.read, work)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run anything that blocks."""
        return await asyncio.get_running_loop().run_in_executor(self._work, work)

    async def each(
        self, made: Callable[[], Iterator[Result]], interrupt: Callable[[], None] | None = None
    ) -> AsyncGenerator[Result]:
        """Yield what an iterator yields that blocks; it is as far ahead as its reader.

        Args:
            made: makes the iterator, in the thread.
            interrupt: makes a step of it that takes long end soon; called when nobody wants more.
        """
        iterator = await self.run(made)
        step: asyncio.Future[Any] | None = None
        try:
            while True:
                step = asyncio.ensure_future(self.run(lambda: next(iterator, _END)))
                found = await asyncio.shield(step)
                if found is _END:
                    return
                yield found
        finally:
            while step is not None and not step.done():
                if interrupt is not None:
                    interrupt()  # again and again: what it interrupts may only be about to begin
                await asyncio.wait((step,), timeout=_INTERRUPT_EVERY_S)
            close = getattr(iterator, "close", None)
            if close is not None:
                await self.run(close)


_END: Final = object()


@contextlib.asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Readers]:
    """Have readers for the length of the block; what they do is finished at its end."""
    reads = ThreadPoolExecutor(THREADS, thread_name_prefix="store reader")
    work = ThreadPoolExecutor(THREADS, thread_name_prefix="store worker")
    try:
        yield Readers(database, reads, work)
    finally:
        loop = asyncio.get_running_loop()
        # Waits for what is under way, which is bounded: reading a page, sealing a phase.
        await asyncio.gather(*(loop.run_in_executor(None, pool.shutdown) for pool in (reads, work)))
