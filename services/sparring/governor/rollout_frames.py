"""What a governor and a rollout worker say to each other on the control stream, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from sparring.types.episode import EpisodeKey
from sparring.types.errors import SparringError
from sparring.types.flow import SimulationFlowControl


class Cause(Enum):
    """Why a rollout worker ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"
    ORPHANED = "orphaned"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Decision:
    """How a rollout worker goes on.

    Attributes:
        flow_control: CONTINUE; RESTART for new instances; STOP_SIMULATION to end after the running episode.
        episodes_below: Play episodes below this number without asking; counted over the whole phase.
        policy_versions: The next episode begins with at least these, by agent.
    """

    flow_control: SimulationFlowControl
    episodes_below: int
    policy_versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RolloutStarted:
    """Environments and agents are up; `took_s` is how long that took."""

    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RolloutProgress:
    """How far a rollout worker is; about once a second, not kept. `waiting`: why the store takes nothing, if so."""

    episode: int
    step: int
    steps_played: int
    steps_per_second: float
    episode_return: float
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class EpisodeCommitted:
    """An episode is durable.

    Attributes:
        objectives: Sum of the objective by agent; agents whose objective said nothing are absent.
        flow_control: What the episode's conditions and brains asked for.
    """

    key: EpisodeKey
    steps: int
    episode_return: float = 0.0
    objectives: Mapping[str, float] = field(default_factory=dict)
    flow_control: SimulationFlowControl = SimulationFlowControl.CONTINUE


@dataclass(frozen=True, slots=True)
class RolloutPaused:
    """It holds."""


@dataclass(frozen=True, slots=True)
class RolloutResumed:
    """It goes on."""


@dataclass(frozen=True, slots=True)
class RolloutEnded:
    """The last frame; counts are of episodes committed in this stream's life."""

    cause: Cause
    error: SparringError | None = None
    steps_sent: int = 0
    episodes_sent: int = 0


RolloutFrame = RolloutStarted | RolloutProgress | EpisodeCommitted | RolloutPaused | RolloutResumed | RolloutEnded
