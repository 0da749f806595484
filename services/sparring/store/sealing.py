"""Sealing a phase: the audit, then one Parquet file per rollout worker in place of its segment."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import Any, Self

from sparring.store.phases import Count, PhaseSummary, Recording, audit
from sparring.store.places import Places
from sparring.store.ports import Database, Tables
from sparring.store.readers import Readers
from sparring.store.writer import Writer
from sparring.types.errors import SparringError
from sparring.types.mode import Mode

_log = logging.getLogger(__name__)


class Sealing:
    """Seals phases, one at a time each. What was begun is finished, also when its caller goes away."""

    def __init__(self, writer: Writer, readers: Readers, database: Database, places: Places) -> None:
        self._writer = writer
        self._readers = readers
        self._database = database
        self._places = places
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._prepared = False
        self._closed = False

    async def seal(self, run: str, epoch: int, phase: int, mode: Mode, sent: Mapping[int, Count]) -> PhaseSummary:
        """Audit a phase and turn it into Parquet; a sealed one is only told about.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: EPOCH_STALE; AUDIT_FAILED; DATA_DAMAGED, naming the episode.
        """

        def check(tables: Tables) -> PhaseSummary | None:
            tables.runs.find(run).check_epoch(epoch)
            if tables.phases.is_sealed(run, phase, mode):
                return _summary(tables, run, phase, mode)
            audit(run, phase, mode, sent, tables.episodes.counts(run, phase, mode))
            tables.phases.begin(run, phase, mode, "")
            return None

        def finish(tables: Tables) -> PhaseSummary:
            tables.runs.find(run).check_epoch(epoch)
            audit(run, phase, mode, sent, tables.episodes.counts(run, phase, mode))  # nothing came meanwhile
            tables.phases.seal(run, phase, mode)
            return _summary(tables, run, phase, mode)

        async def whole() -> PhaseSummary:
            async with self._locks[run]:
                sealed = await self._writer.write(check)
                recordings = await self._recordings(run, phase, mode)
                if sealed is None:
                    await self._convert(recordings)
                    sealed = await self._writer.write(finish)
                    _log.info("sealed phase %d (%s): %d episodes", phase, mode, sealed.episodes, extra={"run": run})
                await self._remove_segments(recordings)
                return sealed

        return await asyncio.shield(self._started(whole(), f"seal phase {phase} of {run}"))

    def tidy(self, run: str) -> None:
        """Turn what a run left unsealed when it ended into Parquet, in the background and without an audit."""

        async def whole() -> None:
            async with self._locks[run]:
                phases = await self._readers.read(lambda tables: tables.phases.summaries(run))
                for phase in phases:
                    if not phase.sealed:
                        await self._tidy(run, phase)

        self._started(whole(), f"tidy {run}")

    def prepare(self) -> None:
        """Load what sealing needs while there is time; loading takes longer than sealing a small phase."""
        if not self._prepared and not self._closed:
            self._prepared = True
            self._started(self._readers.run(_load), "load Parquet")

    async def _tidy(self, run: str, phase: PhaseSummary) -> None:
        recordings = await self._recordings(run, phase.phase, phase.mode)
        try:
            await self._convert(recordings)
            await self._writer.write(lambda tables: tables.phases.seal(run, phase.phase, phase.mode))
            await self._remove_segments(recordings)
        except SparringError as error:
            _log.warning("phase %d (%s) stays as it is: %s", phase.phase, phase.mode, error, extra={"run": run})

    async def _recordings(self, run: str, phase: int, mode: Mode) -> list[Recording]:
        every = await self._readers.read(lambda tables: tables.phases.recordings(run))
        return [each for each in every if (each.key.phase, each.key.mode) == (phase, mode)]

    async def _convert(self, recordings: list[Recording]) -> None:
        for recording in recordings:
            await self._readers.run(lambda each=recording: _convert(self._database, self._places, each))  # type: ignore[misc]

    async def _remove_segments(self, recordings: list[Recording]) -> None:
        def remove() -> None:
            for recording in recordings:
                self._places.segment(recording.key).unlink(missing_ok=True)

        await self._readers.run(remove)

    def _started(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, SparringError):
            _log.error("%s failed", task.get_name(), exc_info=error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _summary(tables: Tables, run: str, phase: int, mode: Mode) -> PhaseSummary:
    return next(each for each in tables.phases.summaries(run) if (each.phase, each.mode) == (phase, mode))


def _convert(database: Database, places: Places, recording: Recording) -> None:
    # Imported here, in a thread: pyarrow takes 0.2 s and 30 MiB, which neither start nor small calls shall pay.
    from sparring.store.conversion import convert

    convert(database, places, recording)


def _load() -> None:
    # Imported here for the same reason.
    import sparring.store.conversion  # noqa: F401
