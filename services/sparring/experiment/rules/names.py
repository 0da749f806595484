"""Rule: a phase has environments and agents, and names are unique, for they are how results are found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparring.experiment.problems import Problem
from sparring.experiment.rules.view import PhaseView
from sparring.experiment.tree import Path
from sparring.experiment.validation import UNKNOWN


def check_phase_names(views: Sequence[PhaseView]) -> Iterator[Problem]:
    """Yield phases that are called like one before."""
    first: dict[str, PhaseView] = {}
    for view in views:
        before = first.setdefault(view.name, view)
        if before is not view:
            message = f"a second phase called {view.name!r}; the first is in line {before.line()}"
            yield view.problem((), f"{view.name!r} twice", "phases with different names", message, key=True)


def check_members(view: PhaseView) -> Iterator[Problem]:
    """Yield a missing or a doubled environment or agent."""
    before = view.before
    if view.environments == [] and (before is None or before.environments != []):
        yield _none(view, "environments")
    if view.agents == [] and (before is None or before.agents != []):
        yield _none(view, "agents")
    environments, agents = range(len(view.phase.environments)), range(len(view.phase.agents))
    yield from _twice(view, "environment", [("environments", index, "environment", "uid") for index in environments])
    yield from _twice(view, "agent", [("agents", index, "name") for index in agents])


def _none(view: PhaseView, section: str) -> Problem:
    message = f"phase {view.name!r} has no {section}; give at least one"
    return view.problem((section,), f"no {section}", f"at least one of {section}", message, key=True)


def _twice(view: PhaseView, what: str, paths: Sequence[Path]) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for path in paths:
        name = str(view.validated.places.value(view.path(*path)))
        if name in lines and name != UNKNOWN:
            message = f"a second {what} called {name!r}; the first is in line {lines[name]}"
            yield view.problem(path, f"{name!r} twice", "a name of its own", message)
        lines.setdefault(name, view.line(*path))
