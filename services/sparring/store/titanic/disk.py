"""Titanic's thread: all its transactions run there, one after the other, so that no event loop waits for a disk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sparring.store.titanic.port import JobDatabase, JobStore

Result = TypeVar("Result")


class Disk:
    """Transactions in a thread. One that has begun is finished, also where its caller is cancelled."""

    def __init__(self, database: JobDatabase, thread: ThreadPoolExecutor) -> None:
        self._database = database
        self._thread = thread

    async def write(self, work: Callable[[JobStore], Result]) -> Result:
        """Run a transaction; what it wrote is durable when this returns.

        Raises:
            UnavailableError: STORE_BUSY or STORE_FULL.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._database.write, work)

    async def read(self, work: Callable[[JobStore], Result]) -> Result:
        """Run `work` on what is durable.

        Raises:
            UnavailableError: STORE_BUSY.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._database.read, work)


@contextlib.asynccontextmanager
async def on_disk(opening: Callable[[], JobDatabase]) -> AsyncIterator[Disk]:
    """Have a disk for the length of the block.

    Args:
        opening: opens the database; called in the thread.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, thread_name_prefix="titanic")
    try:
        database = await loop.run_in_executor(thread, opening)
        try:
            yield Disk(database, thread)
        finally:
            await loop.run_in_executor(thread, database.close)
    finally:
        await loop.run_in_executor(None, thread.shutdown)  # waits for one transaction at most
