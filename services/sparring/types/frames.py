"""The frames of a session as plain values: what a controller says to an environment or a muscle, and what it hears.

K is the session's number of lanes. `lanes` masks are None (all) or tuples of K bools. Lists per lane have K entries.
Times are in the
units of their names. Frames are not changed after they were made, and may be kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sparring.types.declaration import Component, Declaration, FreeValue, Timeouts
from sparring.types.mode import Mode
from sparring.types.values import Values

NO_LANES: tuple[bool, ...] = ()


@dataclass(slots=True, unsafe_hash=True)  # not frozen: made at every step
class LaneTimes:
    """Simulated time of each lane; each tuple is empty (not kept) or has K entries."""

    ticks: tuple[int, ...] = ()
    timestamps_ns: tuple[int, ...] = ()


NO_TIMES = LaneTimes()


@dataclass(frozen=True, slots=True)
class Origin:
    """On whose behalf a session is held: for logs, metrics and people."""

    run: str = ""
    phase: int = 0
    rollout: int = 0


@dataclass(frozen=True, slots=True)
class StartEnvironment:
    """Construct an environment instance and begin the first episode of every lane. Seeds are below 2**31."""

    environment: Component
    uid: str
    session_seed: int
    episode_seeds: tuple[int, ...]
    lanes: int = 1
    token: str = ""
    mode: Mode = Mode.TRAIN
    reward: Component | None = None
    state_transformer: Component | None = None
    recreate_each_episode: bool = False
    timeouts: Timeouts = field(default_factory=Timeouts)
    origin: Origin = field(default_factory=Origin)


@dataclass(slots=True)  # not frozen: made at every step
class Update:
    """Advance the world with these setpoints."""

    setpoints: Values
    lanes: tuple[bool, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """Begin new episodes."""

    episode_seeds: tuple[int, ...]
    lanes: tuple[bool, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End the session."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault of the document: the process of the instance kills itself, or stands still for so long. See `strike`."""

    kill: bool = False
    freeze_s: float = 0.0


EnvironmentRequest = StartEnvironment | Update | Reset | Strike | Shutdown


@dataclass(frozen=True, slots=True)
class ResetDone:
    """The state at the beginning of an episode."""

    readings: Values
    time: LaneTimes = NO_TIMES
    next_update: LaneTimes | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentStarted:
    """All declarations, and the state at the beginning of the first episodes."""

    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    rewards: tuple[Declaration, ...]
    first: ResetDone
    tick_ns: int | None = None
    capabilities: frozenset[str] = frozenset()
    static_world_model: FreeValue | None = None


@dataclass(slots=True)  # not frozen: made at every step
class Updated:
    """The state after an update.

    `terminated` and `truncated` are `NO_LANES` (none) or have K entries. `declared_rewards` are appended to the known
    ones before `rewards` is read; they are forgotten at the next reset.
    """

    readings: Values
    rewards: Values
    terminated: tuple[bool, ...] = NO_LANES
    truncated: tuple[bool, ...] = NO_LANES
    time: LaneTimes = NO_TIMES
    next_update: LaneTimes | None = None
    declared_rewards: tuple[Declaration, ...] = ()
    world_state: FreeValue | None = None


@dataclass(frozen=True, slots=True)
class ShutDown:
    """The session has ended."""


@dataclass(frozen=True, slots=True)
class Struck:
    """The process goes on."""


EnvironmentResponse = EnvironmentStarted | Updated | ResetDone | Struck | ShutDown


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of what a brain wants its muscles to do."""

    version: int
    snapshot: FreeValue


@dataclass(frozen=True, slots=True)
class StartMuscle:
    """Construct a muscle and begin the first episode of every lane.

    Uids of sensors and actuators are `environment.uid`.
    """

    muscle: Component
    agent: str
    session_seed: int
    episode_seeds: tuple[int, ...]
    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    environments: tuple[str, ...] = ()
    lanes: int = 1
    token: str = ""
    mode: Mode = Mode.TRAIN
    filters: tuple[Component, ...] = ()
    policy: Policy | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    origin: Origin = field(default_factory=Origin)


@dataclass(slots=True)  # not frozen: made at every step
class Act:
    """Ask for setpoints. `rewards` is None before the first update of an episode.

    `times` has an entry per environment.
    """

    readings: Values
    rewards: Values | None = None
    terminated: tuple[bool, ...] = NO_LANES
    truncated: tuple[bool, ...] = NO_LANES
    times: tuple[LaneTimes, ...] = ()
    policy: Policy | None = None
    lanes: tuple[bool, ...] | None = None
    declared_rewards: tuple[Declaration, ...] = ()


@dataclass(frozen=True, slots=True)
class ResetMuscle:
    """Begin new episodes; rewards declared so far are forgotten."""

    episode_seeds: tuple[int, ...]
    lanes: tuple[bool, ...] | None = None
    policy: Policy | None = None
    mode: Mode = Mode.TRAIN


MuscleRequest = StartMuscle | Act | ResetMuscle | Strike | Shutdown


@dataclass(frozen=True, slots=True)
class MuscleStarted:
    """The muscle is ready."""

    capabilities: frozenset[str] = frozenset()


@dataclass(slots=True)  # not frozen: made at every step
class Acted:
    """Proposed setpoints; absent ones are left alone. `data` is for the brain."""

    setpoints: Values
    data: FreeValue | None = None
    statistics: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class MuscleReset:
    """The new episodes can begin."""


MuscleResponse = MuscleStarted | Acted | MuscleReset | Struck | ShutDown
