"""What the use cases need of a database: five stores of rows, and transactions over all of them.

`sql` and `memory_database` implement it and pass the same contract tests. All calls block; use cases make them in the
writer's thread (`write`) or in a reader's (`read`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sparring.store.brain_states import BrainState
from sparring.store.episodes import CommittedEpisode
from sparring.store.phases import Count, PhaseSummary, Recording, RecordingKey
from sparring.store.runs import Run, RunEvent, Submission
from sparring.types.episode import EpisodeKey
from sparring.types.faults import StruckFault
from sparring.types.mode import Mode

Result = TypeVar("Result")


class RunStore(Protocol):
    """Runs and their events."""

    def insert(self, base: str, submission: Submission, now_ns: int) -> Run:
        """Make a run named `base` and the next free number, with its first event."""

    def with_token(self, client_token: str) -> Run | None:
        """Return the run that was made under this token."""

    def find(self, run: str) -> Run:
        """Return a run; within `write` nobody else changes it before the end.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """

    def latest(self) -> Run | None:
        """Return the newest run."""

    def latest_finished(self, uid: str) -> Run | None:
        """Return the newest finished run of a document's uid."""

    def submission(self, run: str) -> Submission:
        """Return the document of a run.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """

    def page(self, before: int | None, size: int) -> list[tuple[int, Run]]:
        """Return at most `size` runs, newest first, each with its place in that order, which is below `before`."""

    def claimable(self, now_ns: int, names: Sequence[str], limit: int) -> list[Run]:
        """Return runs that can be claimed, oldest first; of `names` only, if there are any."""

    def save(self, run: Run, message: str, now_ns: int) -> Run:
        """Keep a changed run, read in this transaction, and add the event; returns it with the event's revision."""

    def renew(self, run: Run) -> None:
        """Keep a changed lease; this is no event."""

    def count_up(self, run: str, events: int) -> None:
        """Count events that are commits: the run's revision grows by so many."""

    def events(self, run: str, after: int, limit: int) -> list[RunEvent]:
        """Return events that are no commits, after a revision, in order."""

    def at(self, run: str, revision: int) -> Run:
        """Return the run as it was with its last event up to `revision` that is no commit."""


class PhaseStore(Protocol):
    """Phases of runs, and what their rollout workers declared."""

    def begin(self, run: str, phase: int, mode: Mode, name: str) -> None:
        """Note that a phase is there; the first name stays."""

    def note_times(self, run: str, phase: int, mode: Mode, first_ns: int, last_ns: int) -> None:
        """Note first step and last commit; the earliest and the latest stay."""

    def is_sealed(self, run: str, phase: int, mode: Mode) -> bool:
        """Whether the phase was sealed."""

    def seal(self, run: str, phase: int, mode: Mode) -> None:
        """Note that the phase is sealed."""

    def summaries(self, run: str) -> list[PhaseSummary]:
        """Return all phases so far, by number and mode."""

    def declare(self, recording: Recording) -> Recording:
        """Keep what a rollout worker declared; returns what is kept: the first."""

    def recordings(self, run: str) -> list[Recording]:
        """Return what all rollout workers of a run declared, by phase, mode, rollout."""


class EpisodeStore(Protocol):
    """Committed episodes."""

    def existing(self, recording: RecordingKey, episodes: Iterable[int]) -> dict[int, CommittedEpisode]:
        """Return those of the numbered episodes that are committed."""

    def insert(self, episodes: Sequence[CommittedEpisode]) -> None:
        """Commit episodes; none of them may be there."""

    def numbers(self, recording: RecordingKey) -> list[int]:
        """Return the numbers of the committed episodes, ascending."""

    def last_stop(self, recording: RecordingKey) -> int:
        """Return the highest offset in the segment that a committed episode needs."""

    def page(self, run: str, phase: int | None, after: EpisodeKey | None, limit: int) -> list[CommittedEpisode]:
        """Return episodes after a key, by phase, mode, rollout, episode."""

    def of_recording(self, recording: RecordingKey, after: int, limit: int) -> list[CommittedEpisode]:
        """Return a rollout worker's episodes with a number above `after`, in order."""

    def since(self, run: str, after: int, limit: int) -> list[CommittedEpisode]:
        """Return episodes whose revision is above `after`, by revision."""

    def counts(self, run: str, phase: int, mode: Mode) -> Mapping[int, Count]:
        """Return episodes and steps by rollout."""

    def digests(self, run: str) -> list[tuple[EpisodeKey, bytes]]:
        """Return the digests of all episodes."""


class BrainStateStore(Protocol):
    """Headers of brain states; the states themselves are files."""

    def put(self, state: BrainState, now_ns: int) -> None:
        """Keep a header as the newest, in place of one of the same name."""

    def find(self, run: str, phase: int | None, agent: str, tag: str) -> BrainState | None:
        """Return the newest header that fits; no phase and an empty tag fit all."""

    def list(self, run: str) -> list[BrainState]:
        """Return all headers of a run, oldest first."""

    def uses(self, run: str, digest: bytes) -> bool:
        """Whether a header of the run names this state."""


class FaultStore(Protocol):
    """Faults that struck."""

    def put(self, run: str, attempt: str, fault: StruckFault, now_ns: int) -> str:
        """Keep a fault, unless the same is kept for its episode; returns whose attempt is kept."""

    def list(self, run: str) -> list[StruckFault]:
        """Return all faults of a run, by phase, mode, rollout, episode, step."""


@dataclass(frozen=True, slots=True)
class Tables:
    """All stores, within one transaction."""

    runs: RunStore
    phases: PhaseStore
    episodes: EpisodeStore
    brain_states: BrainStateStore
    faults: FaultStore


class Database(Protocol):
    """Transactions over all stores. What leaves `write` without an exception is durable."""

    def write(self, work: Callable[[Tables], Result]) -> Result:
        """Run `work` in a transaction that excludes other writers; undone if it raises.

        Raises:
            UnavailableError: STORE_BUSY or STORE_FULL.
        """

    def read(self, work: Callable[[Tables], Result]) -> Result:
        """Run `work` on what is durable, as it was at one moment. May be called from several threads.

        Raises:
            UnavailableError: STORE_BUSY.
        """

    def close(self) -> None:
        """Release everything."""
