"""Records episodes: binds each stream to a segment, and hands what comes to the writer's thread in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from sparring.store.commits import Outcome
from sparring.store.encoding.declared import decode_kept
from sparring.store.phases import Recording, RecordingKey
from sparring.store.places import Places
from sparring.store.ports import Database, Tables
from sparring.store.recording import Grammar
from sparring.store.segments.segment import Segment
from sparring.store.track import Opening, Track
from sparring.store.writer import Writer, uncancellable
from sparring.types.declaration import Declaration
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.errors import AbortedError, FailedPreconditionError


class Recorder:
    """The records that are open, one per rollout worker, phase and mode: a new stream takes the place of an older one.

    Args:
        writer: whose thread writes.
        database: to be used in that thread.
        places: where segments lie.
        clock_ns: wall time, nanoseconds since 1970 UTC.
    """

    def __init__(self, writer: Writer, database: Database, places: Places, clock_ns: Callable[[], int]) -> None:
        self._writer = writer
        self._database = database
        self._places = places
        self._clock_ns = clock_ns
        self._tracks: dict[RecordingKey, Track] = {}  # the writer's thread only

    async def open(self, opening: Opening) -> EpisodeRecord:
        """Open a record.

        Raises:
            FailedPreconditionError: EPOCH_STALE, RUN_ALREADY_TERMINAL, DECLARATIONS_CHANGED, DATA_DAMAGED.
            NotFoundError: RUN_UNKNOWN.
            UnavailableError: STORE_BUSY or STORE_FULL.
        """
        track = await self._writer.call(lambda: self._begin(opening))
        return EpisodeRecord(self._writer, track, opening, lambda: self._end(opening.key, track))

    def end_all(self) -> None:
        """End all records; runs in the writer's thread."""
        for key, track in list(self._tracks.items()):
            self._end(key, track)

    def _begin(self, opening: Opening) -> Track:
        before = self._tracks.get(opening.key)
        self._writer.commits.flush()
        numbers, last_stop, sealed = self._database.write(lambda tables: _declared(tables, opening))
        if before is not None:
            before.failure = AbortedError(
                "STREAM_SUPERSEDED", "Another stream records this rollout worker now; this one is over."
            )
            self._end(opening.key, before)
        segment = None if sealed else self._segment(opening.key, last_stop)
        track = Track(opening, frozenset(numbers), segment, self._clock_ns)
        self._tracks[opening.key] = track
        return track

    def _segment(self, key: RecordingKey, last_stop: int) -> Segment:
        try:
            return Segment(self._places.segment(key), last_stop)
        except FailedPreconditionError as error:
            run, phase, mode, rollout = key
            raise FailedPreconditionError(
                error.reason,
                f"Rollout {rollout} of phase {phase} ({mode}) of run {run}: {error.message} "
                f"`sparring verify {run}` names the episodes that are affected; nothing was changed.",
                run=run,
                phase=phase,
                mode=mode,
                rollout=rollout,
            ) from error

    def _end(self, key: RecordingKey, track: Track) -> None:
        self._writer.commits.flush()
        track.close()
        if self._tracks.get(key) is track:
            del self._tracks[key]


class EpisodeRecord:
    """One stream of a rollout worker, in the event loop. Methods wait while the writer has enough to do.

    All raise what made the stream fail: GRAMMAR_VIOLATED, COUNT_MISMATCH, FRAME_MALFORMED, DIGEST_MISMATCH,
    EPOCH_STALE, STREAM_SUPERSEDED, PHASE_SEALED, STORE_FULL, STORE_BUSY.
    """

    def __init__(self, writer: Writer, track: Track, opening: Opening, end: Callable[[], None]) -> None:
        self._writer = writer
        self._track = track
        self._grammar = Grammar(opening.declared.layout)
        self._end = end

    @property
    def committed(self) -> frozenset[int]:
        """Episodes that were committed before."""
        return self._track.committed

    async def begin(self, episode: int, message: bytes) -> None:
        """An episode begins; `message` is the frame as it is kept, as below."""
        self._grammar.begin(episode)
        await self._post(lambda: self._track.begin(episode, message), len(message))

    async def declare(
        self, episode: int, environment: int, declarations: Sequence[Declaration], message: bytes
    ) -> None:
        """Rewards were announced."""
        self._grammar.declare(episode, environment, declarations)
        await self._post(lambda: self._track.declare(episode, environment, declarations, message), len(message))

    async def add(self, steps: StepRows, message: bytes) -> None:
        """Rows came."""
        self._grammar.add(steps)
        await self._post(lambda: self._track.add(steps, message), 2 * len(message))

    async def drop(self, episode: int) -> None:
        """An episode is forgotten."""
        self._grammar.drop(episode)
        await self._post(lambda: self._track.drop(episode))

    async def commit(self, summary: EpisodeSummary, rows: int) -> asyncio.Future[Outcome]:
        """An episode ends; the future is done when it is durable."""
        ended = self._grammar.commit(summary, rows)
        answer: Future[Outcome] = uncancellable()

        def job() -> None:
            self._track.attempt(lambda: self._track.commit(ended, summary, self._writer.commits, answer))
            if self._track.failure is not None and not answer.done():
                answer.set_exception(self._track.failure)

        self._check()
        await self._writer.post(job)
        return asyncio.wrap_future(answer)

    async def flush(self) -> asyncio.Future[None]:
        """End the waiting of what was committed; the future is done when all of it is durable."""
        answer: Future[None] = uncancellable()

        def job() -> None:
            self._writer.commits.flush()
            answer.set_result(None)

        self._check()
        await self._writer.post(job)
        return asyncio.wrap_future(answer)

    def close(self) -> None:
        """End the stream; open episodes are forgotten."""
        self._writer.post_last(self._end)

    async def _post(self, work: Callable[[], None], size: int = 0) -> None:
        self._check()
        await self._writer.post(lambda: self._track.attempt(work), size)

    def _check(self) -> None:
        if self._track.failure is not None:
            raise self._track.failure


def _declared(tables: Tables, opening: Opening) -> tuple[list[int], int, bool]:
    """Check the owner and keep what was declared.

    Returns:
        Numbers of the committed episodes, the offset where they end, and whether the phase is sealed.
    """
    run, phase, mode, rollout = key = opening.key
    found = tables.runs.find(run)
    found.check_epoch(opening.epoch)
    found.check_not_ended()
    tables.phases.begin(run, phase, mode, opening.phase_name)
    kept = tables.phases.declare(Recording(key, opening.kept))
    if kept.declarations != opening.kept:
        before = decode_kept(kept.declarations)
        same = before.canonical == opening.declared.canonical and before.agents == opening.declared.agents
        if not same:
            raise FailedPreconditionError(
                "DECLARATIONS_CHANGED",
                f"Rollout {rollout} of phase {phase} ({mode}) of run {run} declares other sensors, actuators, rewards, "
                "environments or agents than when it began; its episodes cannot lie in one record.",
                run=run,
                phase=phase,
                mode=mode,
                rollout=rollout,
            )
    return tables.episodes.numbers(key), tables.episodes.last_stop(key), tables.phases.is_sealed(run, phase, mode)
