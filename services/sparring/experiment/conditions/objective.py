"""Condition that ends episodes and phases once an agent is good enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparring.experiment.conditions.base import CONTINUE, ParamProblem, PhaseProgress, TerminationCondition, Verdict
from sparring.experiment.problems import describe, did_you_mean
from sparring.types.flow import SimulationFlowControl

_KEY = re.compile(r"(?P<level>brain|phase)_avg(?P<window>[1-9]\d{0,8})\Z")


class AgentObjectiveTerminationCondition(TerminationCondition):
    """Ends what an agent no longer needs. Parameters: by agent, `{brain_avgN: x, phase_avgN: y}`.

    `brain_avgN: x` ends the episode once the mean of the agent's last N objectives *in this episode* is at least x. It
    is a condition of episodes (`simulation.conditions`).

    `phase_avgN: y` ends the phase once, in every rollout worker, the last N episodes have a mean objective per step of
    at least y, averaged over these episodes. It is a condition of the run (`run_config.condition`).

    The first agent and the first average that is reached counts. As the run's condition without any `phase_avgN`, the
    first episode that a `brain_avgN` ends is the last of the phase.
    """

    depends_on_results = True

    def __init__(self, **agents: Mapping[str, float]) -> None:
        self.require_params(agents)
        self._brain = {agent: _windows("brain", averages) for agent, averages in agents.items()}
        self._phase = {agent: _windows("phase", averages) for agent, averages in agents.items()}
        self.results_needed = max((window for each in self._phase.values() for window in each), default=1)

    def objectives_needed(self, agent: str) -> int:
        """Return the widest window of this agent's `brain_avgN`."""
        return max(self._brain.get(agent, {}), default=0)

    def brain_flow_control(self, agent: str, objectives: Sequence[float]) -> Verdict:
        """Return RESET once any `brain_avgN` is reached; needs at least N objectives."""
        for window, threshold in self._brain.get(agent, {}).items():
            if len(objectives) >= window:
                mean = sum(objectives[-window:]) / window
                if mean >= threshold:
                    detail = f"{agent}: mean objective of the last {window} steps is {mean:g}, at least {threshold:g}"
                    return Verdict(SimulationFlowControl.RESET, "objective", detail)
        return CONTINUE

    def phase_flow_control(self, progress: PhaseProgress, rollout: int) -> Verdict:
        """Return STOP_PHASE once any `phase_avgN` is reached in every rollout worker."""
        if not any(self._phase.values()):
            return self._first_success(progress)
        for agent, averages in self._phase.items():
            for window, threshold in averages.items():
                means = [_mean(progress, agent, worker, window) for worker in range(progress.workers)]
                reached = [mean for mean in means if mean is not None and mean >= threshold]
                if len(reached) == progress.workers:
                    mean = f"mean objective of the last {window} episodes is {min(reached):g}"
                    detail = f"{agent}: {mean}, at least {threshold:g}"
                    return Verdict(SimulationFlowControl.STOP_PHASE, "objective", detail)
        return CONTINUE

    @staticmethod
    def _first_success(progress: PhaseProgress) -> Verdict:
        for worker in range(progress.workers):
            results = progress.results_of(worker)
            if results and results[-1].flow.ends_episode:
                detail = f"rollout worker {worker} was successful in its episode {results[-1].episode}"
                return Verdict(SimulationFlowControl.STOP_PHASE, "objective", detail)
        return CONTINUE

    @classmethod
    def check_params(cls, params: Mapping[str, Any]) -> Iterable[ParamProblem]:
        """Yield what is no average of an agent."""
        for agent, averages in params.items():
            if not isinstance(averages, Mapping) or not averages:
                expected = "a mapping like {brain_avg100: 8.9, phase_avg10: 1.0}"
                found = describe(averages)
                yield ParamProblem((agent,), found, expected, f"expected {expected}, found {found}")
                continue
            for name, threshold in averages.items():
                if _KEY.match(name) is None:
                    expected = "brain_avgN or phase_avgN"
                    number = re.sub(r"\D", "", name) or "N"
                    hint = did_you_mean(name, (f"brain_avg{number}", f"phase_avg{number}"), 0.8)
                    message = f"unknown key {name!r}; expected {expected}, N being how many are averaged{hint}"
                    yield ParamProblem((agent, name), f"the key {name!r}", expected, message)
                elif isinstance(threshold, bool) or not isinstance(threshold, int | float):
                    found = describe(threshold)
                    yield ParamProblem((agent, name), found, "a number", f"expected a number, found {found}")
        if not params:
            message = "no agent is named, so this condition would never hold"
            yield ParamProblem((), "no agent", "averages by agent, as in {defender: {phase_avg10: 1.0}}", message)


def _windows(level: str, averages: Mapping[str, float]) -> dict[int, float]:
    found = ((_KEY.match(name), value) for name, value in averages.items())
    return {int(key["window"]): float(value) for key, value in found if key is not None and key["level"] == level}


def _mean(progress: PhaseProgress, agent: str, rollout: int, window: int) -> float | None:
    """Return the mean over the last `window` episodes of a rollout worker; None if there are not that many."""
    means = [each.mean_objective(agent) for each in progress.results_of(rollout)[-window:]]
    known = [mean for mean in means if mean is not None]
    return sum(known) / window if len(known) == window else None
