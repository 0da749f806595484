"""Rule: a fault is about something that its phase has, and can strike."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.experiment.problems import Problem, did_you_mean
from sparring.experiment.rules.assignments import check_qualified
from sparring.experiment.rules.view import PhaseView
from sparring.experiment.schema.fault import FaultSchema
from sparring.experiment.tree import Path
from sparring.experiment.validation import UNKNOWN


def check_faults(view: PhaseView) -> Iterator[Problem]:
    """Yield faults of what there is not, and those that can never strike."""
    inherited = view.before is not None and view.before.phase.faults == view.phase.faults
    for index, fault in enumerate(view.phase.faults):
        path = ("faults", index)
        yield from _target(view, path, fault)
        if not inherited:  # a longer phase may have had more episodes, or rollout workers
            yield from _reach(view, path, fault)


def _target(view: PhaseView, path: Path, fault: FaultSchema) -> Iterator[Problem]:
    kind = fault.target
    name = getattr(fault, kind)
    if kind in ("sensor", "actuator"):
        yield from check_qualified(view, (*path, kind), kind, name)
        return
    known = view.environments if kind == "environment" else view.agents
    if known and name not in known and name != UNKNOWN:
        hint = did_you_mean(name, known) or f"; it has {', '.join(known)}"
        message = f"phase {view.name!r} has no {kind} {name!r}{hint}"
        yield view.problem((*path, kind), f"the {kind} {name!r}", f"one of {', '.join(known)}", message)
    if fault.drop and _inline(view, kind, name):
        message = f"no frame of {name!r} can be dropped: it is inside the rollout worker; give it placement: service"
        yield view.problem((*path, "drop"), "placement: inline", "a component behind a stream", message)


def _inline(view: PhaseView, kind: str, name: str) -> bool:
    """Whether a component is said to be inside the rollout worker; where `auto` puts it is not known yet."""
    phase, default = view.phase, view.document.placement
    own = [each.environment for each in phase.environments if kind == "environment" and each.environment.uid == name]
    places = [each.placement for each in own if each.name is not None]
    places += [each.placement for each in phase.agents if kind == "agent" and each.name == name and each.muscle.name]
    return any((place or default) == "inline" for place in places)


def _reach(view: PhaseView, path: Path, fault: FaultSchema) -> Iterator[Problem]:
    config = view.phase.phase_config
    if fault.rollout is not None and fault.rollout >= config.worker:
        message = f"the phase has {config.worker} rollout worker(s), counted from 0"
        yield view.problem((*path, "rollout"), f"rollout {fault.rollout}", f"at most {config.worker - 1}", message)
    if config.episodes is None:
        return
    given = [] if fault.episode is None else [(fault.episode, (*path, "episode"))]
    given += [(number, (*path, "episodes", at)) for at, number in enumerate(fault.episodes or ())]
    for number, place in given:
        if number >= config.episodes:
            message = f"each rollout worker plays {config.episodes} episode(s), counted from 0"
            yield view.problem(place, f"episode {number}", f"at most {config.episodes - 1}", message)
