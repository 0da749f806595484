"""Rule: how a phase is played must fit together, and must end."""

from __future__ import annotations

from collections.abc import Iterator

from sparring.experiment.class_names import (
    AGENT_EVALUATION,
    ENVIRONMENT_ENDS,
    MAX_EPISODES,
    VANILLA,
    VANILLA_RUN_GOVERNOR,
)
from sparring.experiment.problems import Problem
from sparring.experiment.rules.view import PhaseView

_ONLY_COUNT = (ENVIRONMENT_ENDS, MAX_EPISODES, VANILLA_RUN_GOVERNOR)


def check_playing(view: PhaseView) -> Iterator[Problem]:
    """Yield contradictions in `phase_config`."""
    yield from _learning(view)
    yield from _lanes(view)
    yield from _end(view)


def _learning(view: PhaseView) -> Iterator[Problem]:
    config = view.phase.phase_config
    if config.mode != "train" or config.learning != "step":
        return
    line = view.line("phase_config", "learning")
    for key, value, what in (("worker", config.worker, "rollout worker"), ("lanes", config.lanes, "lane")):
        if value > 1:
            message = f"learning 'step' (line {line}) needs one {what}, found {value}; use 'episode' or 'async'"
            yield view.problem(("phase_config", key), f"{value} {what}s", f"one {what}", message)


def _lanes(view: PhaseView) -> Iterator[Problem]:
    lanes = view.phase.phase_config.lanes
    if lanes == 1:
        return
    path = ("phase_config", "lanes")
    if view.controller != VANILLA:
        message = f"{lanes} lanes need the Vanilla simulation controller; this phase has {view.phase.simulation.name!r}"
        yield view.problem(path, view.phase.simulation.name, VANILLA, message)
    count = len(view.phase.environments)
    if count > 1:
        message = f"{lanes} lanes need exactly one environment; this phase has {count}"
        yield view.problem(path, f"{count} environments", "one environment", message)


def _end(view: PhaseView) -> Iterator[Problem]:
    config = view.phase.phase_config
    if config.episodes is not None or not view.complete("phase_config"):
        return
    if view.before is not None and view.before.phase.phase_config.episodes is None:
        return
    endless = f"phase {view.name!r} would never end"
    if view.run_condition in _ONLY_COUNT:
        if config.evaluate_every is not None and config.mode == "train":
            message = "'evaluate_every' needs 'episodes'; without it the phase would never end"
            yield view.problem(("phase_config", "evaluate_every"), "no episodes", "episodes", message)
            return
        message = f"{endless}; give 'episodes', or a run_config.condition that ends phases by their results"
        yield view.problem(("phase_config", "episodes"), "nothing", "a whole number of at least 1", message)
    elif view.run_condition == AGENT_EVALUATION and config.evaluate_every is None:
        message = f"{endless}: its condition waits for evaluations; give 'evaluate_every' or 'episodes'"
        yield view.problem(("phase_config", "evaluate_every"), "nothing", "a whole number of at least 1", message)
