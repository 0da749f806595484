"""Rule: what is hosted comes from exactly one place, and only what Python hosts can have Python parts beside it."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.experiment.class_names import suggest
from sparring.experiment.problems import Problem, one_of
from sparring.experiment.rules.view import PhaseView
from sparring.experiment.schema.component import ComponentSchema, HostedSchema
from sparring.experiment.tree import Path

_PLACES = ("name", "service", "address")


def check_sources(view: PhaseView) -> Iterator[Problem]:
    """Yield environments, brains and muscles from nowhere or from several places, and what cannot be beside them."""
    for index, entry in enumerate(view.phase.environments):
        path: Path = ("environments", index)
        yield from _hosted(view, (*path, "environment"), entry.environment)
        for part, component in (("reward", entry.reward), ("state_transformer", entry.state_transformer)):
            if component is not None:
                yield from unknown_class(view, (*path, part), component)
                yield from _beside(view, (*path, part), f"a {part}", "environment", entry.environment)
        yield from _placement(view, (*path, "environment"), entry.environment, entry.environment.placement)
    for index, agent in enumerate(view.phase.agents):
        path = ("agents", index)
        yield from _hosted(view, (*path, "brain"), agent.brain)
        yield from _hosted(view, (*path, "muscle"), agent.muscle)
        if agent.objective is not None:
            yield from unknown_class(view, (*path, "objective"), agent.objective)
            yield from _beside(view, (*path, "objective"), "an objective", "brain", agent.brain)
        for number, each in enumerate(agent.filters):
            yield from unknown_class(view, (*path, "filters", number), each)
        if agent.filters:
            foreign = "muscle" if agent.muscle.name is None else "brain"
            source = agent.muscle if agent.muscle.name is None else agent.brain
            yield from _beside(view, (*path, "filters"), "filters", foreign, source)
        yield from _placement(view, path, agent.muscle, agent.placement)


def unknown_class(view: PhaseView, path: Path, component: ComponentSchema | HostedSchema) -> Iterator[Problem]:
    """Yield a class that one of our packages, or of palaestrAI's, certainly does not have."""
    if component.name is None:
        return
    missing, near = suggest(component.name)
    if missing:
        hint = f"; did you mean {near!r}?" if near else ""
        expected = near or "a class that exists"
        message = f"there is no class {component.name!r}{hint}"
        yield view.problem((*path, "name"), f"the class {component.name!r}", expected, message)


def _hosted(view: PhaseView, path: Path, source: HostedSchema) -> Iterator[Problem]:
    given = [place for place in _PLACES if getattr(source, place) is not None]
    if not given and view.complete(*path):
        message = f"one of {', '.join(_PLACES)} is missing: it says where this comes from"
        yield view.problem((*path, "name"), "nothing", f"exactly one of {one_of(_PLACES)}", message)
    for place in given[1:]:
        message = f"both {given[0]!r} and {place!r} are given; keep one"
        found = f"{given[0]} and {place}"
        yield view.problem((*path, place), found, f"exactly one of {one_of(_PLACES)}", message, key=True)
    yield from unknown_class(view, path, source)


def _beside(view: PhaseView, path: Path, what: str, beside: str, source: HostedSchema) -> Iterator[Problem]:
    """Yield a Python part of something that is not hosted by us."""
    where = "service" if source.service is not None else "address"
    if source.name is None and (source.service is not None or source.address is not None):
        article = "an" if beside[0] in "aeiou" else "a"
        message = f"{what} can only be beside {article} {beside} given by name; this one comes from {where!r}"
        yield view.problem(path, what, f"none beside {article} {beside} from {where!r}", message, key=True)


def _placement(view: PhaseView, path: Path, source: HostedSchema, placement: str | None) -> Iterator[Problem]:
    if placement == "inline" and source.name is None and (source.service is not None or source.address is not None):
        message = "'inline' needs something given by name; what comes from a service or an address runs there"
        yield view.problem((*path, "placement"), "'inline'", "service or auto", message)
