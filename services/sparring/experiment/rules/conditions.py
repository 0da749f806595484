"""Rule: simulation controllers and termination conditions exist, and their parameters name agents that exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparring.experiment.class_names import AGENT_EVALUATION, AGENT_OBJECTIVE, CONTROLLERS, canonical, suggest
from sparring.experiment.conditions.builtin import BUILTIN_CONDITIONS
from sparring.experiment.places import Places
from sparring.experiment.problems import Problem, did_you_mean, one_of
from sparring.experiment.rules.view import PhaseView
from sparring.experiment.schema.component import ComponentSchema
from sparring.experiment.schema.document import DocumentSchema
from sparring.experiment.tree import Path
from sparring.experiment.validation import Validated

_RUN_CONDITION: Path = ("run_config", "condition")


def check_simulation(view: PhaseView) -> Iterator[Problem]:
    """Yield an unknown simulation controller and what is wrong with the conditions of episodes."""
    name = view.phase.simulation.name
    missing, near = suggest(name)
    if missing or (canonical(name) in BUILTIN_CONDITIONS):
        known = sorted(set(CONTROLLERS.values()))
        hint = f"; did you mean {near!r}?" if near in known else f"; there are {', '.join(known)}"
        message = f"there is no simulation controller {name!r}{hint}"
        yield view.problem(("simulation", "name"), f"the class {name!r}", one_of(known), message)
    for index, condition in enumerate(view.phase.simulation.conditions or ()):
        path = view.path("simulation", "conditions", index)
        yield from _condition(view.validated.places, path, condition)
        if view.agents:
            yield from _agents(view.validated.places, path, condition, view.agents)


def check_run_condition(validated: Validated, schema: DocumentSchema) -> Iterator[Problem]:
    """Yield what is wrong with the run's condition."""
    if schema.run_config.condition is not None:
        yield from _condition(validated.places, _RUN_CONDITION, schema.run_config.condition)


def check_condition_agents(views: Sequence[PhaseView], schema: DocumentSchema) -> Iterator[Problem]:
    """Yield agents that the run's condition names and no phase has."""
    agents = list(dict.fromkeys(name for view in views for name in view.agents or ()))
    if schema.run_config.condition is not None and all(view.agents for view in views):
        yield from _agents(views[0].validated.places, _RUN_CONDITION, schema.run_config.condition, agents)


def _condition(places: Places, path: Path, condition: ComponentSchema) -> Iterator[Problem]:
    missing, near = suggest(condition.name)
    kind = BUILTIN_CONDITIONS.get(canonical(condition.name))
    if missing or (kind is None and canonical(condition.name) in CONTROLLERS.values()):
        known = sorted(BUILTIN_CONDITIONS)
        hint = f"; did you mean {near!r}?" if near in known else f"; there are {', '.join(known)}"
        message = f"there is no termination condition {condition.name!r}{hint}"
        yield places.problem((*path, "name"), f"the class {condition.name!r}", one_of(known), message)
    elif kind is not None:
        for wrong in kind.check_params(condition.params):
            here = (*path, "params", *wrong.path)
            yield places.problem(here, wrong.found, wrong.expected, wrong.message, key=True)


def _agents(places: Places, path: Path, condition: ComponentSchema, agents: Sequence[str]) -> Iterator[Problem]:
    """Yield agents that a condition's parameters name and that are not among `agents`."""
    inner: tuple[str, ...] = {AGENT_OBJECTIVE: (), AGENT_EVALUATION: ("agents",)}.get(canonical(condition.name), ("",))
    named = condition.params.get(inner[0]) if inner else condition.params
    if not isinstance(named, dict):
        return
    for name in named:
        if name not in agents:
            known = ", ".join(agents)
            hint = did_you_mean(name, agents) or f"; there are {known}"
            here = (*path, "params", *inner, name)
            message = f"the condition names an agent {name!r} that does not exist{hint}"
            yield places.problem(here, f"agent {name!r}", f"one of {known}", message, key=True)
