"""An episode: its key, the row that commits it, and the rows of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sparring.types.declaration import FreeValue
from sparring.types.flow import SimulationFlowControl
from sparring.types.mode import Mode
from sparring.types.values import Values


@dataclass(frozen=True, slots=True)
class EpisodeKey:
    """Names one episode of a run instance; counts begin at 0."""

    phase: int
    mode: Mode
    rollout: int
    episode: int


@dataclass(frozen=True, slots=True)
class EpisodeSummary:
    """The row of a committed episode.

    Attributes:
        key: Under which it is filed.
        steps: How many steps it had (rows less the initial one).
        episode_return: Sum of all rewards of all environments; a vector reward counts with the sum of its elements.
        objectives: Sum of the objective by agent; agents whose objective said nothing are absent.
        terminated: An environment's task ended.
        truncated: It was cut short.
        digest: SHA-256, 32 bytes (`sparring.types.digest`).
        seeds: Seeds of the environments' episodes, by environment.
        attempts: How often it was begun; 1 unless it was lost and played again.
        duration_s: How long it took to play, in seconds of wall time.
        flow_control: What environments, brains and conditions asked for when it ended.
    """

    key: EpisodeKey
    steps: int
    episode_return: float
    objectives: Mapping[str, float]
    terminated: bool
    truncated: bool
    digest: bytes
    seeds: Mapping[str, int]
    attempts: int = 1
    duration_s: float = 0.0
    flow_control: SimulationFlowControl = SimulationFlowControl.CONTINUE


@dataclass(frozen=True, slots=True)
class AgentRows:
    """What one agent added to the rows of a batch; the first tuples are empty (nothing) or have one entry per row.

    `proposed` is sparse, (step, setpoints): what it proposed in steps in which not all environments were updated.
    """

    agent: int
    objectives: tuple[float, ...] = ()
    data: tuple[FreeValue | None, ...] = ()
    acted: tuple[bool, ...] = ()
    proposed: tuple[tuple[int, Values], ...] = ()


@dataclass(frozen=True, slots=True)
class StepRows:
    """Consecutive rows of one episode, in the form that `store_service.proto` gives under StepBatch.

    Attributes:
        episode: Its number.
        first_step: Number of the first row; row 0 is the state at the beginning.
        steps: How many rows.
        rows: The rows, one after the other.
        texts: All texts of these rows, in their order.
        world_states: (step, environment number, value), sparse.
        agents: What agents added.
    """

    episode: int
    first_step: int
    steps: int
    rows: bytes
    texts: tuple[str, ...] = ()
    world_states: tuple[tuple[int, int, FreeValue], ...] = ()
    agents: tuple[AgentRows, ...] = field(default=())
