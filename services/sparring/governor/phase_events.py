"""What happens while a phase is played: told by rollout workers and brains, carried out by states."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.governor.rollout_frames import Cause, EpisodeCommitted
from sparring.types.errors import (
    AbortedError,
    ExhaustedError,
    LostError,
    NotFoundError,
    SparringError,
    UnavailableError,
)

STALE = "EPOCH_STALE"
"""Reason of the error that says that somebody else owns the run now."""


@dataclass(frozen=True, slots=True)
class StintStarted:
    """A rollout worker plays."""

    rollout: int


@dataclass(frozen=True, slots=True)
class StintOver:
    """A rollout worker's stretch of play is over, in good order or not."""

    rollout: int
    cause: Cause
    error: SparringError | None = None

    @property
    def lost(self) -> bool:
        """Whether its episode can be played again."""
        return self.cause in (Cause.LOST, Cause.CANCELLED, Cause.ORPHANED)


@dataclass(frozen=True, slots=True)
class BrainOver:
    """A brain is gone (`LostError`) or hangs (`HungError`)."""

    agent: str
    error: SparringError


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something that is written elsewhere has changed: look."""


PhaseEvent = EpisodeCommitted | StintStarted | StintOver | BrainOver | Nudge


def cause_of(error: SparringError) -> Cause:
    """Return what an error of a control stream or of the broker means for the episode."""
    gone = (LostError, UnavailableError, ExhaustedError, AbortedError)
    unknown = isinstance(error, NotFoundError) and error.reason == "SESSION_UNKNOWN"
    return Cause.LOST if isinstance(error, gone) or unknown else Cause.FAILED
