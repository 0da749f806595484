"""Rule: a brain can only start from something that has been saved before, and replay from something stored."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.experiment.problems import Problem, did_you_mean
from sparring.experiment.rules.view import PhaseView
from sparring.experiment.schema.agent import LoadSchema, ReplaySchema
from sparring.experiment.tree import Path


def check_brain_states(view: PhaseView) -> Iterator[Problem]:
    """Yield `load` and `replay` that can never work."""
    for index, agent in enumerate(view.phase.agents):
        if agent.load is not None:
            yield from _load(view, ("agents", index, "load"), agent.load)
        for number, replay in enumerate(agent.replay or ()):
            yield from _replay(view, ("agents", index, "replay", number), replay)


def _load(view: PhaseView, path: Path, load: LoadSchema) -> Iterator[Problem]:
    run = load.experiment_run or load.experiment_id
    key = "phase" if load.phase is not None else "phase_name"
    phase = load.phase if load.phase is not None else load.phase_name
    if view.number == 0 and (run is None or phase is None):
        message = "the first phase can only load from another run: give experiment_run, phase and, if it differs, agent"
        yield view.problem(path, "no other run", "experiment_run and phase", message, key=True)
    elif phase is not None and (run is None or run == view.document.uid):
        yield from _earlier(view, (*path, key), phase)


def _earlier(view: PhaseView, path: Path, phase: int | str) -> Iterator[Problem]:
    """Yield a phase of this run that is not over when this one begins."""
    names = [next(iter(entry)) for entry in view.document.schedule]
    number = phase if isinstance(phase, int) else names.index(phase) if phase in names else None
    before = ", ".join(f"{index} ({name})" for index, name in enumerate(names[: view.number]))
    if number is None or number >= view.number:
        hint = did_you_mean(phase, names[: view.number]) if isinstance(phase, str) else ""
        message = f"phase {phase!r} is none of those before this one{hint or f'; there are {before}'}"
        yield view.problem(path, f"phase {phase!r}", f"one of {before}", message)


def _replay(view: PhaseView, path: Path, replay: ReplaySchema) -> Iterator[Problem]:
    if replay.strict:
        for key in ("instance", "mode"):
            if getattr(replay, key) is None:
                message = f"'strict' needs {key!r}"
                yield view.problem((*path, "strict"), f"no {key}", f"the key {key!r}", message)
    if replay.experiment_run in (None, view.document.uid) and replay.instance is None:
        if replay.phase is None:
            message = "say which phase is replayed, or of which experiment_run"
            yield view.problem((*path, "phase"), "nothing", "phase or experiment_run", message)
        else:
            yield from _earlier(view, (*path, "phase"), replay.phase)
