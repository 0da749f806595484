"""The experiment run as it is executed: every phase in full, every default filled in, every class under our name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any, Literal, TypeAlias

from sparring.experiment.places import Places
from sparring.types.faults import Fault
from sparring.types.mode import Mode

PlacementName: TypeAlias = Literal["auto", "inline", "service"]
LearningName: TypeAlias = Literal["step", "episode", "async", "none"]
RecreateName: TypeAlias = Literal["never", "episode"]

_NOT_IN_FINGERPRINT = ("uid", "experiment_uid", "version", "seed_drawn")


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """A Python class and the keyword arguments of its constructor (values as JSON knows them; not to be changed)."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostedSpec:
    """Something hosted: exactly one of `name`, `service` and `address` is not empty."""

    name: str = ""
    service: str = ""
    address: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def foreign(self) -> bool:
        """Whether it comes from a service or server that may be written in any language."""
        return not self.name


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """One environment of a phase. `recreate` None: what suits its kind."""

    uid: str
    source: HostedSpec
    reward: ComponentSpec | None
    state_transformer: ComponentSpec | None
    placement: PlacementName
    recreate: RecreateName | None


@dataclass(frozen=True, slots=True)
class BrainSource:
    """A saved brain. `experiment_run` None: this very run. `phase` is a number, or in another run perhaps a name."""

    agent: str
    experiment_run: str | None
    phase: int | str


@dataclass(frozen=True, slots=True)
class ReplaySource:
    """Stored experience for `Brain.pretrain`. None: as the document's reference says."""

    agent: str
    experiment_run: str | None
    phase: int | str | None
    instance: str | None
    mode: Mode | None
    strict: bool
    repeat: int
    sensors: tuple[str, ...]
    actuators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """One agent of a phase. `objective` is None only with a foreign brain, which has its own."""

    name: str
    brain: HostedSpec
    muscle: HostedSpec
    objective: ComponentSpec | None
    filters: tuple[ComponentSpec, ...]
    sensors: tuple[str, ...]
    actuators: tuple[str, ...]
    load: BrainSource | None
    replay: tuple[ReplaySource, ...]
    placement: PlacementName


@dataclass(frozen=True, slots=True)
class TimeoutsSpec:
    """When a component counts as hung, in seconds."""

    start_s: float = 120
    reset_s: float = 120
    step_s: float = 60
    think_s: float = 600


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase.

    Attributes:
        number: counted from 0.
        workers: number of rollout workers.
        episodes: of each rollout worker; None: until the run's condition ends the phase.
        evaluate_every: None in a test phase.
        learning: "none" in a test phase.
        controller: class of the simulation controller.
        conditions: termination conditions of an episode.
        path: the phase's place in the document: `("schedule", 0, "train")`.
        places: where in the document its values are written; no part of its value.
        faults: what goes wrong on purpose; a run without any has the text and the fingerprint that it had before
            there were faults.
    """

    number: int
    name: str
    mode: Mode
    workers: int
    episodes: int | None
    evaluate_every: int | None
    learning: LearningName
    lanes: int
    environments: tuple[EnvironmentSpec, ...]
    agents: tuple[AgentSpec, ...]
    controller: str
    conditions: tuple[ComponentSpec, ...]
    timeouts: TimeoutsSpec
    places: Places = field(compare=False, repr=False, metadata={"canonical": False})
    faults: tuple[Fault, ...] = field(default=(), metadata={"canonical": "unless empty"})

    @property
    def path(self) -> tuple[str | int, ...]:
        """Return the phase's place in the document: `("schedule", 0, "train")`."""
        return ("schedule", self.number, self.name)


@dataclass(frozen=True, slots=True)
class ExperimentRun:
    """What the governor executes.

    Attributes:
        seed: the one seed; `seed_drawn` says that neither document nor caller gave one, so whoever shows a digest
            shows it too.
        condition: the run's termination condition, asked at the end of episodes.
        episode_retries: how often a lost episode is played again.
        save_every: brain states are saved after so many episodes; None: only at the end of a phase.
    """

    uid: str
    experiment_uid: str | None
    version: str | None
    seed: int
    seed_drawn: bool
    phases: tuple[Phase, ...]
    condition: ComponentSpec
    episode_retries: int
    placement: PlacementName
    save_every: int | None

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, no spaces; equal runs have equal text."""
        return _canonical_json(_value(self))

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, of the canonical JSON without what only names the run."""
        content = {key: value for key, value in _value(self).items() if key not in _NOT_IN_FINGERPRINT}
        return hashlib.sha256(_canonical_json(content).encode()).hexdigest()


def _canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _canonical(of: Field[Any], thing: Any) -> bool:
    """Whether a field is a part of a value."""
    said = of.metadata.get("canonical", True)
    return bool(getattr(thing, of.name)) if said == "unless empty" else bool(said)


def _value(thing: Any) -> Any:
    """Return plain lists, dicts and scalars."""
    if is_dataclass(thing):
        kept = {each.name: getattr(thing, each.name) for each in fields(thing) if _canonical(each, thing)}
        return {name: _value(value) for name, value in kept.items()}
    if isinstance(thing, Mapping):
        return {key: _value(value) for key, value in thing.items()}
    if isinstance(thing, tuple | list):
        return [_value(each) for each in thing]
    return thing.value if isinstance(thing, Enum) else thing
