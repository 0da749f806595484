"""A rollout worker's record in the writer's thread: its segment, and the episodes that are being written to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from sparring.store.commits import Commits, Outcome, PendingCommit, phase_sealed
from sparring.store.declared import Declared
from sparring.store.episodes import CommittedEpisode, Place
from sparring.store.phases import RecordingKey
from sparring.store.recording import OpenEpisode
from sparring.store.segments.frames import Kind
from sparring.store.segments.segment import Segment
from sparring.types.declaration import Declaration
from sparring.types.digest import EpisodeDigest
from sparring.types.episode import EpisodeKey, EpisodeSummary, StepRows
from sparring.types.errors import FailedPreconditionError, InternalError, SparringError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """How a stream begins; fields as in OpenRecord.

    Attributes:
        key: whose record it is.
        epoch: of the owner.
        phase_name: name of the phase.
        declared: what was declared.
        kept: the same as bytes to be kept.
    """

    key: RecordingKey
    epoch: int
    phase_name: str
    declared: Declared
    kept: bytes


@dataclass(slots=True)
class _Writing:
    """An episode that is being written."""

    start: int
    began_ns: int
    digest: EpisodeDigest


class Track:
    """One stream's side of the writer's thread. After a failure it takes nothing more; the stream ends with it.

    Args:
        opening: how the stream began.
        committed: numbers of the episodes that are committed already; what comes of them is not written again.
        segment: where frames go; None if the phase is sealed.
        clock_ns: wall time, nanoseconds since 1970 UTC.
    """

    def __init__(
        self, opening: Opening, committed: frozenset[int], segment: Segment | None, clock_ns: Callable[[], int]
    ) -> None:
        self.committed = committed
        self.failure: SparringError | None = None
        self._opening = opening
        self._segment = segment
        self._clock_ns = clock_ns
        self._episodes: dict[int, _Writing] = {}

    def attempt(self, work: Callable[[], None]) -> None:
        """Do some work, unless something failed before; keep what fails."""
        if self.failure is not None:
            return
        try:
            work()
        except SparringError as error:
            self.failure = error
        except Exception as error:
            _log.exception("recording failed", extra={"run": self._opening.key.run})
            self.failure = InternalError("RECORD_FAILED", f"Recording failed: {error}")

    def begin(self, episode: int, message: bytes) -> None:
        """Begin an episode."""
        run, phase, mode, rollout = self._opening.key
        if self._segment is None and episode not in self.committed:
            raise phase_sealed(run, phase, mode)
        start = 0 if self._segment is None else self._segment.position
        digest = self._opening.declared.digest(EpisodeKey(phase, mode, rollout, episode))
        self._episodes[episode] = _Writing(start, self._clock_ns(), digest)
        self._append(Kind.BEGIN, episode, message)

    def declare(self, episode: int, environment: int, declarations: Sequence[Declaration], message: bytes) -> None:
        """Note late rewards."""
        self._episodes[episode].digest.declare_rewards(environment, declarations)
        self._append(Kind.REWARDS, episode, message)

    def add(self, steps: StepRows, message: bytes) -> None:
        """Write rows."""
        digest = self._episodes[steps.episode].digest
        digest.rows(steps.rows)
        digest.texts(steps.texts)
        self._append(Kind.STEPS, steps.episode, message)

    def drop(self, episode: int) -> None:
        """Forget an episode; its frames stay in the segment until that is read, and are passed over."""
        self._episodes.pop(episode, None)

    def commit(self, ended: OpenEpisode, summary: EpisodeSummary, commits: Commits, answer: Future[Outcome]) -> None:
        """Hand an episode to the group.

        Raises:
            FailedPreconditionError: DIGEST_MISMATCH.
        """
        run, phase, mode, rollout = self._opening.key
        writing = self._episodes.pop(ended.episode)
        digest = writing.digest.digest()
        if summary.digest and summary.digest != digest:
            raise FailedPreconditionError(
                "DIGEST_MISMATCH",
                f"Episode {ended.episode} was announced with digest {summary.digest.hex()}, "
                f"what came has {digest.hex()}.",
                episode=ended.episode,
                announced=summary.digest.hex(),
                received=digest.hex(),
            )
        key = EpisodeKey(phase, mode, rollout, ended.episode)
        episode = CommittedEpisode(
            run=run,
            summary=replace(summary, key=key, digest=digest),
            epoch=self._opening.epoch,
            committed_ns=self._clock_ns(),
            place=Place(writing.start, writing.start if self._segment is None else self._segment.position),
            late=ended.late,
            phase_name=self._opening.phase_name,
        )
        commits.add(PendingCommit(episode, writing.began_ns, self._segment, answer))

    def close(self) -> None:
        """Release the segment. Pending commits must have been flushed."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def _append(self, kind: Kind, episode: int, message: bytes) -> None:
        if self._segment is not None and episode not in self.committed:
            self._segment.append(kind, episode, message)
