"""Gathers how a run stands: from a store on this machine, or from the services behind a broker."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sparring.cli.access.history import MOST_EVENTS, History
from sparring.cli.access.records import EventRecord, ProgressRecord, RunRecord
from sparring.cli.access.standing import MovementRecord, ServiceRecord, Standing, Track
from sparring.experiment.document import load_document
from sparring.experiment.problems import DocumentError
from sparring.experiment.run import ExperimentRun
from sparring.types.errors import SparringError, UnavailableError

if TYPE_CHECKING:
    from sparring.cli.access.connection import Connection

USUAL_STORE: Final = "sparring-data"
_HISTORY_S: Final = 30.0


async def gather_local(name: str, store: str) -> Standing:
    """Gather from a store on this machine.

    Raises:
        NotFoundError: STORE_UNKNOWN, RUN_UNKNOWN.
    """
    from sparring.cli.access.local_store import opened  # late: SQLAlchemy takes longer to load than to use

    with opened(store) as local:
        run, _ = await local.run(name)
        document, file, _ = await local.document(run.run)
        reach = "" if store == USUAL_STORE else f"--store {store}"
        free = None if "://" in store else shutil.disk_usage(Path(store)).free
        standing = Standing(datetime.now(UTC), run, plan=_plan(document, file), reach=reach, free_bytes=free)
        return await _history(local.watch_run(run.run, _after(run)), standing)


async def gather_connected(name: str, broker: str, watch_s: float) -> Standing:
    """Gather from the services behind a broker, and look for a while how rollout workers move.

    Raises:
        UnavailableError: SERVICE_ABSENT, there is no store.
        NotFoundError: RUN_UNKNOWN.
    """
    from sparring.cli.access.connection import connected  # late: gRPC takes longer to load than to use

    async with connected(broker) as connection:
        services = await _services(connection)
        if not any(one.service == "store" and one.workers for one in services):
            raise _no_store(name, broker, services)
        run, _ = await connection.run(name)
        movements: Mapping[Track, MovementRecord] = {}
        notes: tuple[str, ...] = ()
        if not (run.over or run.ungoverned) and any(one.service == "governor" and one.workers for one in services):
            movements, notes = await movements_of(connection.watch_run(run.run, run.revision), watch_s)
            run, _ = await connection.run(run.run)
            services = await _services(connection)  # anew: everything else is as it stands after the look
        standing = Standing(
            datetime.now(UTC),
            run,
            services=services,
            movements=movements,
            notes=notes,
            reach=f"--connect {broker}",
        )
        if run.seed is None:
            return standing
        document, file, _ = await connection.document(run.run)
        standing = replace(standing, plan=_plan(document, file))
        return await _history(connection.stored_events(run.run, _after(run)), standing)


async def _services(connection: Connection) -> tuple[ServiceRecord, ...]:
    from sparring.cli.access.status_decoding import decode_service  # late, as above

    return tuple(decode_service(each) for each in await connection.services())


async def _history(events: AsyncIterator[EventRecord | ProgressRecord], standing: Standing) -> Standing:
    """Add what has happened so far; from a store that is too slow for that, as much as it gives."""
    history, notes = History(), standing.notes
    try:
        async with asyncio.timeout(_HISTORY_S), contextlib.aclosing(cast("AsyncGenerator[Any]", events)):
            await history.read(events, standing.run.revision)
    except TimeoutError:
        notes = (*notes, f"The store has not given the whole history of the run within {_HISTORY_S:g} s.")
    return replace(
        standing,
        entered=history.entered,
        last=history.last,
        committed=history.committed,
        last_commit=history.last_commit,
        losses=tuple(history.losses),
        notes=notes,
    )


async def movements_of(
    seen: AsyncIterator[EventRecord | ProgressRecord], watch_s: float
) -> tuple[dict[Track, MovementRecord], tuple[str, ...]]:
    """Look for a while at passing progress; returns what moved, and what could not be seen."""
    newest: dict[Track, ProgressRecord] = {}
    since: dict[Track, float] = {}
    moved: set[Track] = set()
    notes: tuple[str, ...] = ()
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(watch_s), contextlib.aclosing(cast("AsyncGenerator[Any]", seen)):
                async for each in seen:
                    if not isinstance(each, ProgressRecord):
                        continue
                    track = Track(each.phase, each.rollout)
                    before, newest[track] = newest.get(track), each
                    if before is None or _position(before) != _position(each):
                        since[track] = time.monotonic()
                    if before is not None and _position(before) != _position(each):
                        moved.add(track)
    except SparringError as error:
        notes = (f"Its governor does not say how far its rollout workers are: {error.message}",)
    end = time.monotonic()
    found = {track: MovementRecord(each, end - since[track], track in moved) for track, each in newest.items()}
    return found, notes


def _position(progress: ProgressRecord) -> tuple[int, int, int]:
    return progress.episode, progress.step, progress.steps_played


def _after(run: RunRecord) -> int:
    return max(0, run.revision - MOST_EVENTS)


def _plan(document: bytes, file: str) -> ExperimentRun | None:
    try:
        return load_document(document, name=file or None).expand()
    except DocumentError:  # a newer version wrote it
        return None


def _no_store(name: str, broker: str, services: tuple[ServiceRecord, ...]) -> UnavailableError:
    held = [each.run for one in services for worker in one.workers for each in worker.sessions if each.run]
    runs = ", ".join(f"{run} holds {held.count(run)}" for run in sorted(set(held))) or "nobody holds any"
    return UnavailableError(
        "SERVICE_ABSENT",
        f"No store is registered at {broker}, so nothing can be read of run {name}. Whoever plays waits for the store "
        f"and sends again what it did not acknowledge; start it, and runs go on. Of the sessions, {runs}.",
        service="store",
    )
