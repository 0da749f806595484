"""Experience and learning as plain values: what a controller tells a brain, and what it hears."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from sparring.types.declaration import Component, Declaration, FreeValue, Timeouts
from sparring.types.episode import EpisodeKey
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Origin, Policy
from sparring.types.mode import Mode
from sparring.types.values import Values


class Learning(enum.Enum):
    """When experience changes the policy (blueprint section 7)."""

    STEP = "step"
    EPISODE = "episode"
    ASYNC = "async"
    NONE = "none"


@dataclass(slots=True)  # not frozen: made at every step, and freezing triples its cost
class ExperienceStep:
    """What an agent read, what it set, and what followed, in all K lanes.

    Attributes:
        readings: What the agent acted on.
        setpoints: What it proposed.
        rewards: What followed, under all rewards declared so far in this episode.
        terminated: Per lane; empty means none.
        truncated: Per lane; empty means none.
        data: What the muscle told its brain.
        declared_rewards: Rewards first seen in this step (uids `environment.reward`).
    """

    readings: Values
    setpoints: Values
    rewards: Values
    terminated: tuple[bool, ...] = ()
    truncated: tuple[bool, ...] = ()
    data: FreeValue | None = None
    declared_rewards: tuple[Declaration, ...] = ()


@dataclass(frozen=True, slots=True)
class ExperienceBatch:
    """Consecutive steps of the episodes that run in the lanes."""

    episodes: tuple[int, ...]
    first_step: int
    steps: tuple[ExperienceStep, ...]


@dataclass(frozen=True, slots=True)
class EpisodeEnd:
    """The episode of one lane has ended; `final_readings` are what the agent would have acted on next."""

    key: EpisodeKey
    lane: int
    steps: int
    final_readings: Values


@dataclass(frozen=True, slots=True)
class DiscardEpisode:
    """An episode that will not be committed."""

    key: EpisodeKey


@dataclass(frozen=True, slots=True)
class Considered:
    """A brain's answer to a batch: objectives step by step, lane by lane (NaN: nothing to say).

    To an episode's end: none.
    """

    objectives: tuple[float, ...] = ()
    flow_control: SimulationFlowControl = SimulationFlowControl.CONTINUE
    policy: Policy | None = None
    statistics: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """Experience is welcome; at most `window` batches may be unanswered."""

    policy: Policy | None
    window: int


@dataclass(frozen=True, slots=True)
class StartBrain:
    """Construct a brain with its objective and filters.

    `policy_version` and `contains` belong to `state`: what it was saved with in this phase.
    """

    brain: Component
    objective: Component
    agent: str
    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    seed: int
    mode: Mode
    learning: Learning
    rollouts: int = 1
    token: str = ""
    filters: tuple[Component, ...] = ()
    conditions: tuple[Component, ...] = ()
    state: FreeValue | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    orphan_s: float = 60
    origin: Origin = field(default_factory=Origin)
    policy_version: int = 0
    contains: tuple[EpisodeKey, ...] = ()


@dataclass(frozen=True, slots=True)
class BrainStarted:
    """The brain can be joined. `learns` is False if it never changes its policy."""

    learns: bool
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Learn:
    """Committed episodes of a round, in learning order."""

    round: int
    episodes: tuple[EpisodeKey, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of a round."""

    policy: Policy | None = None
    statistics: tuple[tuple[str, float], ...] = ()
    flow_control: SimulationFlowControl = SimulationFlowControl.CONTINUE


@dataclass(frozen=True, slots=True)
class Save:
    """Ask for the brain's state."""


@dataclass(frozen=True, slots=True)
class Saved:
    """All that is needed to go on with equal bits, and the last episode of each rollout worker in it."""

    state: FreeValue
    contains: tuple[EpisodeKey, ...]
    policy_version: int
