"""The writer: one thread that owns database connection and segments, so that no event loop waits for a disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from sparring.store.commits import GROUP_BYTES, GROUP_S, Commits
from sparring.store.ports import Database, Tables
from sparring.types.errors import UnavailableError

Result = TypeVar("Result")

ROOM_BYTES: Final = 16 << 20
"""What may wait for the thread; beyond it who brings more waits as well, and so, by HTTP/2, do those who send it."""

_JOIN_S: Final = 5.0

JOB_BYTES: Final = 1 << 10
"""What a job counts at least."""

_log = logging.getLogger(__name__)


class Writer:
    """Runs jobs one after the other in its own thread. Made by `writing`; methods belong to the event loop.

    Attributes:
        commits: the group of episodes being gathered; for jobs, which run in the thread.
    """

    def __init__(self, database: Database, commits: Commits) -> None:
        self.commits = commits
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None], int] | None] = queue.SimpleQueue()
        self._room = _Room(ROOM_BYTES)
        self._closed = False
        # Daemon: a process that must end at once is not held up; what was acknowledged is durable already.
        self._thread = threading.Thread(target=self._run, name="store writer", daemon=True)
        self._thread.start()

    async def post(self, job: Callable[[], None], size: int = 0) -> None:
        """Queue a job, once there is room. It must not raise; jobs run in the order in which they were queued.

        Raises:
            UnavailableError: STORE_BUSY, the store is closing.
        """
        size += JOB_BYTES
        await self._room.take(size)
        if self._closed:
            raise UnavailableError("STORE_BUSY", "The store is closing; send again when it is back.")
        self._jobs.put((job, size))

    def post_last(self, job: Callable[[], None]) -> None:
        """Queue a job without waiting for room: for what ends things, which must not be cancelled while it waits."""
        self._jobs.put((job, 0))

    async def call(self, job: Callable[[], Result]) -> Result:
        """Run a job in the thread and return what it returns, or raise what it raises."""
        answer: Future[Result] = uncancellable()

        def run() -> None:
            try:
                answer.set_result(job())
            except BaseException as error:
                answer.set_exception(error)

        await self.post(run)
        return await asyncio.wrap_future(answer)

    async def write(self, work: Callable[[Tables], Result]) -> Result:
        """Run a transaction, after the episodes that were committed before it.

        Raises:
            UnavailableError: STORE_BUSY or STORE_FULL.
        """

        def job() -> Result:
            self.commits.flush()
            return self._database.write(work)

        return await self.call(job)

    async def close(self) -> None:
        """Finish what is queued, and end the thread."""
        self._closed = True
        self._jobs.put(None)
        try:
            await asyncio.shield(self._loop.run_in_executor(None, self._thread.join))
        finally:
            self._thread.join(_JOIN_S)  # also where the waiting was cancelled: nothing may be closed under the thread

    def _run(self) -> None:
        while True:
            try:
                found = self._jobs.get(timeout=self.commits.wait_s())
            except queue.Empty:
                self.commits.flush()
                continue
            if found is None:
                self.commits.flush()
                return
            job, size = found
            try:
                job()
            except BaseException:
                _log.exception("a job of the store's writer failed")
            self._loop.call_soon_threadsafe(self._room.give, size)
            if self.commits.wait_s() == 0:
                self.commits.flush()


def uncancellable() -> Future[Any]:
    """Return a future that the thread can always set; who waits for it may go away."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


class _Room:
    """A bounded amount of something, for one event loop. Whoever comes when nothing is taken gets what it asks for."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._freed = asyncio.Event()

    async def take(self, amount: int) -> None:
        while self._taken and self._taken + amount > self._most:
            self._freed.clear()
            await self._freed.wait()
        self._taken += amount

    def give(self, amount: int) -> None:
        self._taken -= amount
        self._freed.set()


@contextlib.asynccontextmanager
async def writing(
    database: Database,
    committed: Callable[[frozenset[str]], None],
    group_s: float = GROUP_S,
    group_bytes: int = GROUP_BYTES,
) -> AsyncIterator[Writer]:
    """Have a writer for the length of the block; what was queued is finished at its end.

    Args:
        database: written by this writer only.
        committed: called in the event loop with the runs that have new episodes.
        group_s: how long the first commit of a group waits for others.
        group_bytes: at how many bytes of steps a group is full.
    """
    loop = asyncio.get_running_loop()

    def tell(runs: frozenset[str]) -> None:
        loop.call_soon_threadsafe(committed, runs)

    writer = Writer(database, Commits(database, tell, group_s, group_bytes))
    try:
        yield writer
    finally:
        await writer.close()
