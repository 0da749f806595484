"""The plan of one rollout worker: everything it needs to play its episodes of a phase."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparring.types.declaration import Component, Timeouts
from sparring.types.faults import Fault
from sparring.types.frames import Origin
from sparring.types.learning import Learning
from sparring.types.mode import Mode


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to start one session at one worker.

    Attributes:
        token: The secret, and the session's name; 32 hexadecimal digits.
        worker_id: The worker.
        service: Its service.
        address: host:port to open the stream at; empty means through the relay only.
        relay: host:port of the relay to go through where `address` is empty, or cannot be reached; empty means none.
        expires_s: Until when the session must have been started, seconds since 1970 UTC.
        authority: Name on the worker's certificate, for streams through the relay; empty means the host of `address`.
        relays: Other relays that lead there, for when that one is gone.
    """

    token: str
    worker_id: str
    service: str
    address: str
    relay: str = ""
    expires_s: float = 0.0
    authority: str = ""
    relays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inline:
    """Inside the rollout worker's process, without a stream."""


@dataclass(frozen=True, slots=True)
class FixedAddress:
    """A gRPC server at host:port, found without a broker."""

    address: str


Place = Inline | Grant | FixedAddress


@dataclass(frozen=True, slots=True)
class EnvironmentPlan:
    """One environment of the phase; fields as in `plan.proto`."""

    uid: str
    environment: Component
    place: Place
    reward: Component | None = None
    state_transformer: Component | None = None
    recreate_each_episode: bool = False


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent of the phase.

    Fields as in `plan.proto`. `sensors` and `actuators` are `environment.uid`, in the agent's order.
    """

    name: str
    muscle: Component
    place: Place
    sensors: tuple[str, ...]
    actuators: tuple[str, ...]
    brain: Grant | None
    brain_learns: bool = True
    filters: tuple[Component, ...] = ()


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """What a rollout worker plays in one phase.

    Attributes:
        controller: `vanilla` or `taking_turns`, or an announced class.
        first_episode: Episodes below this number are committed already.
        episode_retries: How often a lost episode is played again.
        orphan_s: How long to wait for a governor when the control stream is lost.
        epoch: The owner's epoch of the run, for the store and the brains.
        faults: What is disturbed on purpose.
        first_attempt: How often the first episode will have been begun.
    """

    origin: Origin
    phase_name: str
    mode: Mode
    controller: Component
    environments: tuple[EnvironmentPlan, ...]
    agents: tuple[AgentPlan, ...]
    run_seed: int
    store: Grant
    learning: Learning
    conditions: tuple[Component, ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    lanes: int = 1
    first_episode: int = 0
    episode_retries: int = 3
    orphan_s: float = 60.0
    epoch: int = 0
    faults: tuple[Fault, ...] = ()
    first_attempt: int = 1
