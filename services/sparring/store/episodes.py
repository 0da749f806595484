"""Committed episodes: the row that makes an episode count, and where its steps lie."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.store.phases import RecordingKey
from sparring.types.declaration import Declaration
from sparring.types.episode import EpisodeSummary


@dataclass(frozen=True, slots=True)
class LateRewards:
    """Rewards that one environment first gave in an episode's step `row`."""

    row: int
    environment: int
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an episode's frames lie in its segment: between two offsets, in bytes."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class CommittedEpisode:
    """The row of a committed episode.

    Attributes:
        run: the run.
        summary: what the rollout worker says of it.
        epoch: of the owner under which it was committed.
        committed_ns: when, in nanoseconds since 1970 UTC.
        place: of its steps, while its phase is not sealed.
        late: rewards declared during it.
        revision: number of the run's event that it is; 0 before it is stored.
        phase_name: for people; filled in when read.
    """

    run: str
    summary: EpisodeSummary
    epoch: int
    committed_ns: int
    place: Place
    late: tuple[LateRewards, ...] = ()
    revision: int = 0
    phase_name: str = ""

    @property
    def recording(self) -> RecordingKey:
        """Whose episode it is."""
        key = self.summary.key
        return RecordingKey(self.run, key.phase, key.mode, key.rollout)
