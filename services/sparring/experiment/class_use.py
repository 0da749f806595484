"""Which Python classes a run needs, in which role: what check imports and what hosts put on their allow-list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sparring.experiment.places import Places
from sparring.experiment.problems import Problem
from sparring.experiment.run import AgentSpec, ComponentSpec, ExperimentRun, HostedSpec, Phase
from sparring.experiment.tree import Path


class Role(StrEnum):
    """What a class is used as; it decides which services need the class."""

    ENVIRONMENT = "environment"
    REWARD = "reward"
    STATE_TRANSFORMER = "state_transformer"
    BRAIN = "brain"
    MUSCLE = "muscle"
    OBJECTIVE = "objective"
    FILTER = "filter"
    CONTROLLER = "controller"
    CONDITION = "condition"


@dataclass(frozen=True)
class ClassUse:
    """One use of a Python class.

    Attributes:
        role: what it is used as.
        name: the class, as `module:Class`, under our name.
        params: keyword arguments of its constructor.
        path: where in the document it is used, as `("schedule", 0, "train", "agents", 0, "brain")`.
        phase: number of the phase; None for the run's condition.
        places: where that is written.
    """

    role: Role
    name: str
    params: Mapping[str, Any]
    path: Path
    phase: int | None
    places: Places = field(compare=False, repr=False)

    @property
    def module(self) -> str:
        """Return the module to import."""
        return self.name.partition(":")[0]

    def unknown(self, text: str) -> Problem:
        """Build the problem of a class that cannot be imported, at its name; `text` says why."""
        return self.places.problem(
            (*self.path, "name"), f"the class {self.name!r}", f"a {self.role} class", _line(text)
        )

    def refused(self, text: str) -> Problem:
        """Build the problem of a class that does not take its parameters, at the parameters; `text` says why."""
        return refused_source(self.places, self.path, text)


def classes_of(run: ExperimentRun) -> tuple[ClassUse, ...]:
    """Return every use of a Python class, in the order of the document; what is foreign needs none."""
    places = run.phases[0].places
    condition = ClassUse(
        Role.CONDITION, run.condition.name, run.condition.params, ("run_config", "condition"), None, places
    )
    return (*(use for phase in run.phases for use in _of_phase(phase)), condition)


def modules_of(run: ExperimentRun) -> frozenset[str]:
    """Return the modules that a run's classes are in."""
    return frozenset(use.module for use in classes_of(run))


def refused_source(places: Places, path: Path, text: str) -> Problem:
    """Build the problem of something that does not take its parameters; `text` is what it said."""
    for key in ("params", "name", "service", "address"):
        if places.written((*path, key)):
            break
    return places.problem((*path, key), _line(text), "parameters that it accepts", _line(text))


def _line(text: str) -> str:
    return " ".join(text.split()) or "refused without a reason"


def _of_phase(phase: Phase) -> Iterator[ClassUse]:
    def use(role: Role, what: ComponentSpec | HostedSpec | None, *steps: str | int) -> Iterator[ClassUse]:
        if what is not None and what.name:
            yield ClassUse(role, what.name, what.params, (*phase.path, *steps), phase.number, phase.places)

    for index, environment in enumerate(phase.environments):
        at = ("environments", index)
        yield from use(Role.ENVIRONMENT, environment.source, *at, "environment")
        yield from use(Role.REWARD, environment.reward, *at, "reward")
        yield from use(Role.STATE_TRANSFORMER, environment.state_transformer, *at, "state_transformer")
    for index, agent in enumerate(phase.agents):
        for role, part in _parts(agent):
            yield from use(role, part, "agents", index, role.value)
        for number, each in enumerate(agent.filters):
            yield from use(Role.FILTER, each, "agents", index, "filters", number)
    yield from use(Role.CONTROLLER, ComponentSpec(phase.controller), "simulation")
    for number, each in enumerate(phase.conditions):
        yield from use(Role.CONDITION, each, "simulation", "conditions", number)


def _parts(agent: AgentSpec) -> list[tuple[Role, ComponentSpec | HostedSpec | None]]:
    return [(Role.BRAIN, agent.brain), (Role.MUSCLE, agent.muscle), (Role.OBJECTIVE, agent.objective)]
