"""Builds the store over a directory, inside the process that serves it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from sparring.store.brains import Brains
from sparring.store.catalogue import Catalogue
from sparring.store.changes import Changes
from sparring.store.commits import GROUP_S
from sparring.store.experience_reading import ExperienceReading
from sparring.store.faults import Faults
from sparring.store.ownership import Ownership
from sparring.store.places import Places, make_durable_folder
from sparring.store.ports import Database
from sparring.store.readers import reading
from sparring.store.recorder import Recorder
from sparring.store.refusals import disk_refusal
from sparring.store.sealing import Sealing
from sparring.store.servicer.service import StoreServicer
from sparring.store.sql.database import SqlDatabase
from sparring.store.statements import Statements
from sparring.store.verification import Verification
from sparring.store.watching import Watching
from sparring.store.writer import writing


@contextlib.asynccontextmanager
async def composed(
    directory: Path,
    *,
    database: str = "",
    stop: asyncio.Event | None = None,
    group_s: float = GROUP_S,
    clock_ns: Callable[[], int] = time.time_ns,
) -> AsyncIterator[StoreServicer]:
    """Have a store for the length of the block; mount what it yields at a server that lives within it.

    At the end, what was acknowledged is durable anyway; what is being sealed is finished.

    Args:
        directory: made if it is not there. Two processes may use the same one, but not record the same rollout worker.
        database: URL, if it is not the SQLite file in the directory.
        stop: set when the service begins to stop; long streams end with UNAVAILABLE, DRAINING.
        group_s: how long a commit waits for others.
        clock_ns: wall time, nanoseconds since 1970 UTC.

    Raises:
        UnavailableError: STORE_FULL or STORE_BUSY.
        InvalidArgumentError: BAD_DATABASE_URL.
        FailedPreconditionError: SCHEMA_NEWER.
    """
    places = Places(directory)
    opened = await asyncio.get_running_loop().run_in_executor(None, _open, places, database)
    changes = Changes()

    def committed(runs: frozenset[str]) -> None:
        changes.tell(runs)
        sealing.prepare()

    async with contextlib.AsyncExitStack() as stack:
        stack.callback(opened.close)
        writer = await stack.enter_async_context(writing(opened, committed, group_s))
        readers = await stack.enter_async_context(reading(opened))
        sealing = await stack.enter_async_context(Sealing(writer, readers, opened, places))
        recorder = Recorder(writer, opened, places, clock_ns)
        stack.callback(writer.post_last, recorder.end_all)
        yield StoreServicer(
            catalogue=Catalogue(writer, readers, changes, clock_ns),
            watching=Watching(readers, changes),
            ownership=Ownership(writer, changes, clock_ns, ended=sealing.tidy),
            sealing=sealing,
            recorder=recorder,
            brains=Brains(writer, readers, places, clock_ns),
            faults=Faults(writer, readers, clock_ns),
            verification=Verification(readers, opened, places),
            statements=Statements(readers, opened, places),
            experience=ExperienceReading(readers, opened, places),
            stop=stop or asyncio.Event(),
        )


def _open(places: Places, url: str) -> Database:
    try:
        make_durable_folder(places.runs)
    except OSError as error:
        raise disk_refusal(error) from error
    return SqlDatabase(url or places.database_url)
