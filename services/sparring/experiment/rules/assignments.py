"""Rule: sensors and actuators are named `environment.name`, of environments of the phase, and given once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparring.experiment.class_names import TAKING_TURNS, VANILLA
from sparring.experiment.problems import Problem, did_you_mean
from sparring.experiment.rules.view import PhaseView
from sparring.experiment.tree import Path


def check_assigned(view: PhaseView) -> Iterator[Problem]:
    """Yield names that no environment of the phase can have, and what is given twice."""
    for index, agent in enumerate(view.phase.agents):
        for section, names in (("sensors", agent.sensors), ("actuators", agent.actuators)):
            yield from _names(view, ("agents", index, section), names)
    if view.controller == VANILLA:
        yield from _conflicts(view)


def split(name: str) -> tuple[str, str]:
    """Return environment and sensor (or actuator) of a name; what lacks a part has it empty."""
    environment, _, rest = name.partition(".")
    return environment, rest


def check_qualified(view: PhaseView, here: Path, kind: str, name: str) -> Iterator[Problem]:
    """Yield a sensor's or actuator's name that lacks a part, or is of an environment that there is not."""
    environments = view.environments or []
    environment, rest = split(name)
    if not environment or not rest:
        hint = f"; did you mean '{environments[0]}.{name}'?" if len(environments) == 1 and "." not in name else ""
        message = f"expected environment.{kind}, found the text {name!r}{hint}"
        yield view.problem(here, f"the text {name!r}", f"environment.{kind}", message)
    elif environments and environment not in environments:
        known = ", ".join(environments)
        hint = did_you_mean(environment, environments) or f"; it has {known}"
        message = f"{kind} {name!r} is of an environment {environment!r} that phase {view.name!r} does not have{hint}"
        yield view.problem(here, f"environment {environment!r}", f"one of {known}", message)


def _names(view: PhaseView, path: Path, names: Sequence[str]) -> Iterator[Problem]:
    kind = str(path[-1])[:-1]
    lines: dict[str, int] = {}
    for index, name in enumerate(names):
        here = (*path, index)
        yield from check_qualified(view, here, kind, name)
        if name in lines:
            message = f"{kind} {name!r} is given to this agent twice, first in line {lines[name]}"
            yield view.problem(here, f"{name!r} twice", f"{name!r} once", message)
        lines.setdefault(name, view.line(*here))


def _conflicts(view: PhaseView) -> Iterator[Problem]:
    """Yield actuators that two agents would set in the same step."""
    owners: dict[str, tuple[int, int]] = {}
    for number, agent in enumerate(view.phase.agents):
        for index, name in enumerate(agent.actuators):
            owner, line = owners.setdefault(name, (number, view.line("agents", number, "actuators", index)))
            if owner != number:
                other = view.phase.agents[owner].name
                message = (
                    f"actuator {name!r} is given to {other!r} (line {line}) and {agent.name!r}, who act at the same"
                    f" time; give it to one, or let them take turns with {TAKING_TURNS}"
                )
                here = ("agents", number, "actuators", index)
                yield view.problem(here, f"{name!r} of two agents", "one agent for each actuator", message)
