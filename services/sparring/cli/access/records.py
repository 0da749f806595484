"""What the command line knows of runs, phases and episodes, wherever it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

ENDED: Final = frozenset({"finished", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run instance; fields as in `sparring.api.store.v1.Run`, digests in hexadecimal, times in UTC.

    A submission of which there is no run yet is one without a seed, in a state of its own.

    Attributes:
        epoch: of the owner; 0 before the first.
        lease_until: until when the owner is believed alive; None before the first.
        revision: number of its last event.
    """

    run: str
    uid: str
    status: str
    state: str
    created: datetime
    seed: int | None
    ended: datetime | None = None
    phase: int = 0
    governor: str = ""
    error_reason: str = ""
    error_message: str = ""
    digest: str = ""
    evaluation_digest: str = ""
    deterministic: bool = True
    cancel_requested: bool = False
    pause_requested: bool = False
    epoch: int = 0
    lease_until: datetime | None = None
    revision: int = 0

    @property
    def ungoverned(self) -> bool:
        """Whether it waits for a governor to take it."""
        return self.status == "submitted" and not self.governor

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """What a phase came to in one mode."""

    name: str
    mode: str
    episodes: int
    steps: int
    steps_per_second: float
    mean_return: float


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """A committed episode."""

    phase: int
    phase_name: str
    mode: str
    rollout: int
    episode: int
    steps: int
    episode_return: float
    attempts: int
    digest: str
    objectives: Mapping[str, float] = field(default_factory=dict)
    committed: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A durable event of a run; `run` as it was after it."""

    revision: int
    time: datetime
    run: RunRecord
    message: str = ""
    episode: EpisodeRecord | None = None


@dataclass(frozen=True, slots=True)
class ProgressRecord:
    """How far a rollout worker is.

    Attributes:
        episodes: 0: not known how many it will play.
        waiting: why the store takes nothing of it now; empty while it does.
    """

    phase: int
    phase_name: str
    rollout: int
    episodes: int
    episode: int
    step: int
    steps_played: int
    steps_per_second: float
    episode_return: float
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class DifferenceRecord:
    """An episode whose stored data do not give its digest."""

    phase: int
    phase_name: str
    mode: str
    rollout: int
    episode: int
    message: str


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """What verifying a run came to."""

    episodes: int
    steps: int
    digest: str
    evaluation_digest: str
    equal: bool
