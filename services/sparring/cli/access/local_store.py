"""A store on this machine, read without a service; it may be in use by one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from sparring.cli.access.local_records import (
    commit_record,
    difference_record,
    episode_record,
    event_record,
    phase_record,
    run_record,
    verified_record,
)
from sparring.cli.access.records import (
    DifferenceRecord,
    EpisodeRecord,
    EventRecord,
    PhaseRecord,
    ProgressRecord,
    RunRecord,
    VerifiedRecord,
)
from sparring.cli.access.run_book import Wish
from sparring.store.catalogue import LARGEST_PAGE
from sparring.store.changes import Changes
from sparring.store.episodes import CommittedEpisode
from sparring.store.naming import LATEST
from sparring.store.places import DATABASE, Places
from sparring.store.ports import Tables
from sparring.store.readers import Readers, reading
from sparring.store.refusals import run_unknown
from sparring.store.runs import Run
from sparring.store.runs import Wish as StoreWish
from sparring.store.sql.database import SqlDatabase
from sparring.store.statements import answer
from sparring.store.verification import Verified, verify
from sparring.store.watching import Commit, Watching
from sparring.types.episode import EpisodeKey
from sparring.types.errors import NotFoundError
from sparring.types.faults import StruckFault

Result = TypeVar("Result")

USUAL_FOLDER: Final = "sparring-data"
_EPISODES_AT_ONCE: Final = 500


@contextlib.contextmanager
def opened(store: str) -> Iterator[LocalStore]:
    """Open a store for the length of the block.

    Args:
        store: its folder, or the URI of its database.

    Raises:
        NotFoundError: STORE_UNKNOWN, there is none.
        InvalidArgumentError: BAD_DATABASE_URL.
    """
    uri = "://" in store
    places = Places(Path(USUAL_FOLDER if uri else store))
    if not uri and not (places.directory / DATABASE).is_file():
        raise NotFoundError(
            "STORE_UNKNOWN",
            f"There is no store in {store}. Name its folder with --store, or a broker with --connect; "
            "`sparring run FILE` makes a store.",
            store=store,
        )
    database = SqlDatabase(store if uri else places.database_url, create=False)
    try:
        yield LocalStore(database, places)
    finally:
        database.close()


class LocalStore:
    """See `RunBook`."""

    def __init__(self, database: SqlDatabase, places: Places) -> None:
        self._database = database
        self._places = places

    async def runs(self, limit: int) -> list[RunRecord]:
        """See `RunBook`."""

        def work(tables: Tables) -> list[Run]:
            found: list[Run] = []
            before: int | None = None
            while len(found) < limit:
                page = tables.runs.page(before, min(limit - len(found), LARGEST_PAGE))
                if not page:
                    break
                found += [run for _, run in page]
                before = page[-1][0]
            return found

        return [run_record(run) for run in await self._read(work)]

    async def run(self, run: str) -> tuple[RunRecord, list[PhaseRecord]]:
        """See `RunBook`."""

        def work(tables: Tables) -> tuple[RunRecord, list[PhaseRecord]]:
            found = _find(tables, run)
            return run_record(found), [phase_record(phase) for phase in tables.phases.summaries(found.run)]

        return await self._read(work)

    async def faults(self, run: str) -> list[StruckFault]:
        """See `RunBook`."""
        return await self._read(lambda tables: tables.faults.list(_find(tables, run).run))

    async def document(self, run: str) -> tuple[bytes, str, str]:
        """See `RunBook`."""
        found = await self._read(lambda tables: tables.runs.submission(_find(tables, run).run))
        return found.document, found.file_name, found.placement

    async def episodes(self, run: str) -> AsyncIterator[EpisodeRecord]:
        """See `RunBook`."""
        name = await self._read(lambda tables: _find(tables, run).run)
        after: EpisodeKey | None = None
        while True:
            found = await self._read(_page(name, after))
            if not found:
                return
            for each in found:
                yield episode_record(each)
            after = found[-1].summary.key

    async def watch_run(self, run: str, after_revision: int = 0) -> AsyncIterator[EventRecord | ProgressRecord]:
        """See `RunBook`; there is no passing progress in a store."""
        async with self._readers() as readers:
            name = await readers.read(lambda tables: _find(tables, run).run)
            async for event in Watching(readers, Changes()).events(name, after_revision):
                yield commit_record(event) if isinstance(event, Commit) else event_record(event)

    async def wish(self, run: str, wish: Wish) -> RunRecord:
        """See `RunBook`; whoever plays the run looks for wishes every few seconds."""

        def work(tables: Tables) -> Run:
            now_ns = time.time_ns()
            before = tables.runs.find(run)
            after = before.wished(StoreWish(wish), now_ns)
            return before if after == before else tables.runs.save(after, f"A user asked to {wish}.", now_ns)

        return run_record(await asyncio.to_thread(self._database.write, work))

    async def verify(self, run: str) -> AsyncIterator[DifferenceRecord | VerifiedRecord]:
        """See `RunBook`."""
        async with self._readers() as readers:
            name = await readers.read(lambda tables: _find(tables, run).run)
            made = readers.each(lambda: verify(self._database, self._places, name))
            async with contextlib.aclosing(made) as found:
                async for each in found:
                    yield verified_record(each) if isinstance(each, Verified) else difference_record(each)

    async def query(self, sql: str) -> bytes:
        """See `RunBook`."""
        return await asyncio.to_thread(lambda: b"".join(answer(self._database, self._places, sql)))

    @contextlib.asynccontextmanager
    async def _readers(self) -> AsyncIterator[Readers]:
        async with reading(self._database) as readers:
            yield readers

    async def _read(self, work: Callable[[Tables], Result]) -> Result:
        return await asyncio.to_thread(self._database.read, work)


def _page(name: str, after: EpisodeKey | None) -> Callable[[Tables], list[CommittedEpisode]]:
    return lambda tables: tables.episodes.page(name, None, after, _EPISODES_AT_ONCE)


def _find(tables: Tables, name: str) -> Run:
    found = tables.runs.latest() if name == LATEST else tables.runs.find(name)
    if found is None:
        raise run_unknown(name)
    return found
