"""Condition that ends a phase by what its evaluations showed: success of all agents, or no more progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sparring.experiment.conditions.base import CONTINUE, ParamProblem, PhaseProgress, TerminationCondition, Verdict
from sparring.experiment.problems import describe, did_you_mean, one_of
from sparring.types.flow import SimulationFlowControl

_COUNTS = ("consecutive", "min_evaluations", "patience", "window")
_KEYS = {
    "success": {"metric", "threshold", "direction", "consecutive", "min_evaluations"},
    "plateau": {"metric", "direction", "min_delta", "patience", "min_evaluations", "window"},
}
_DIRECTIONS = {"success": ("greater_equal", "less_equal"), "plateau": ("maximize", "minimize")}


@dataclass(frozen=True, slots=True)
class Success:
    """A metric has reached its threshold in so many evaluations in a row."""

    metric: str
    threshold: float
    direction: str
    consecutive: int
    min_evaluations: int

    def reached(self, values: Sequence[float]) -> bool:
        """Whether it is so, given the metric's value in every evaluation."""
        if len(values) < max(self.min_evaluations, self.consecutive):
            return False
        sign = 1 if self.direction == "greater_equal" else -1
        return all(sign * value >= sign * self.threshold for value in values[-self.consecutive :])


@dataclass(frozen=True, slots=True)
class Plateau:
    """A metric's moving mean has not become better by `min_delta` for `patience` evaluations."""

    metric: str
    direction: str
    min_delta: float
    patience: int
    min_evaluations: int
    window: int

    def reached(self, values: Sequence[float]) -> bool:
        """Whether it is so, given the metric's value in every evaluation."""
        if len(values) < self.min_evaluations:
            return False
        sign = 1 if self.direction == "maximize" else -1
        best, since = None, 0
        for end in range(self.window, len(values) + 1):
            mean = sign * sum(values[end - self.window : end]) / self.window
            if best is None or mean > best + self.min_delta:
                best, since = mean, 0
            else:
                since += 1
        return since >= self.patience


class AgentEvaluationObjectiveTerminationCondition(TerminationCondition):
    """Ends the phase with "success" when all agents succeed, with "plateau" when none makes progress any more.

    Parameters: `agents: {name: {success: {metric, threshold, direction, consecutive, min_evaluations}, plateau:
        {metric,
    direction, min_delta, patience, min_evaluations, window}}}`, each agent one or both. The metrics are what
    `Brain.evaluate_rollouts` returns after each evaluation (`phase_config.evaluate_every`).
    """

    depends_on_results = True

    def __init__(self, agents: Mapping[str, Mapping[str, Any]]) -> None:
        self.require_params({"agents": agents})
        self._success = {name: Success(**of["success"]) for name, of in agents.items() if "success" in of}
        self._plateau = {name: Plateau(**of["plateau"]) for name, of in agents.items() if "plateau" in of}
        self._agents = frozenset(agents)

    def phase_flow_control(self, progress: PhaseProgress, rollout: int) -> Verdict:
        """Return STOP_PHASE once all agents have succeeded, or all are on a plateau."""
        for reason, rules in (("success", self._success), ("plateau", self._plateau)):
            if set(rules) == self._agents and all(
                rule.reached(_series(progress, agent, rule.metric)) for agent, rule in rules.items()
            ):
                detail = f"{reason} of {', '.join(rules)} after {len(progress.evaluations)} evaluations"
                return Verdict(SimulationFlowControl.STOP_PHASE, reason, detail)
        return CONTINUE

    @classmethod
    def check_params(cls, params: Mapping[str, Any]) -> Iterable[ParamProblem]:
        """Yield what is not as described above."""
        for name in params:
            if name != "agents":
                yield _unknown((name,), ["agents"])
        agents = params.get("agents")
        if not isinstance(agents, Mapping) or not agents:
            path = ("agents",) if "agents" in params else ()
            yield _expected(path, agents, "a mapping by agent below the key 'agents'")
            return
        for agent, rules in agents.items():
            if not isinstance(rules, Mapping) or not rules:
                yield _expected(("agents", agent), rules, "a mapping with success, plateau or both")
                continue
            for kind, rule in rules.items():
                yield from _check_rule(("agents", agent, kind), kind, rule)


def _check_rule(path: tuple[str, ...], kind: str, rule: Any) -> Iterable[ParamProblem]:
    if kind not in _KEYS:
        yield _unknown(path, _KEYS)
        return
    keys = _KEYS[kind]
    if not isinstance(rule, Mapping):
        yield _expected(path, rule, f"a mapping with {', '.join(sorted(keys))}")
        return
    for name in sorted(keys - set(rule)):
        yield ParamProblem(path, "nothing", f"the key {name!r}", f"the key {name!r} is missing")
    for name, value in rule.items():
        here = (*path, name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if name not in keys:
            yield _unknown(here, keys)
        elif name == "direction" and value not in _DIRECTIONS[kind]:
            yield _expected(here, value, one_of(_DIRECTIONS[kind]))
        elif name == "metric" and not isinstance(value, str):
            yield _expected(here, value, "the name of a metric")
        elif name in ("threshold", "min_delta") and not number:
            yield _expected(here, value, "a number")
        elif name in _COUNTS and not (isinstance(value, int) and number and value >= 1):
            yield _expected(here, value, "a whole number of at least 1")


def _expected(path: tuple[str, ...], value: Any, expected: str) -> ParamProblem:
    found = describe(value)
    return ParamProblem(path, found, expected, f"expected {expected}, found {found}")


def _unknown(path: tuple[str, ...], known: Iterable[str]) -> ParamProblem:
    every = sorted(known)
    hint = did_you_mean(path[-1], every) or f"; known here: {', '.join(every)}"
    return ParamProblem(path, f"the key {path[-1]!r}", one_of(every), f"unknown key {path[-1]!r}{hint}")


def _series(progress: PhaseProgress, agent: str, metric: str) -> list[float]:
    """Return the metric in every evaluation that has it."""
    found = (each.metrics.get(agent, {}).get(metric) for each in progress.evaluations)
    return [value for value in found if value is not None]
