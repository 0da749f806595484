"""Conditions that look at how episodes end and how many there were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sparring.experiment.conditions.base import (
    CONTINUE,
    EnvironmentEnd,
    PhaseProgress,
    TerminationCondition,
    Verdict,
)
from sparring.types.flow import SimulationFlowControl


class EnvironmentTerminationCondition(TerminationCondition):
    """Ends the episode when any of its environments ends, for all of them."""

    def environment_flow_control(self, ends: Mapping[str, EnvironmentEnd]) -> Verdict:
        """Return RESET as soon as any environment is done."""
        done = [uid for uid, end in ends.items() if end.done]
        if not done:
            return CONTINUE
        return Verdict(SimulationFlowControl.RESET, "environment", f"{', '.join(done)} ended")


class MaxEpisodesTerminationCondition(TerminationCondition):
    """Ends a rollout worker's part after `episodes` episodes, and the phase after `episodes` times `worker`."""

    def phase_flow_control(self, progress: PhaseProgress, rollout: int) -> Verdict:
        """Return STOP_PHASE when all have played theirs, STOP_SIMULATION when this one has, else CONTINUE."""
        if progress.episodes is None:
            return CONTINUE
        played, limit = progress.committed, progress.episodes
        if sum(min(each, limit) for each in played) >= limit * progress.workers:
            return Verdict(SimulationFlowControl.STOP_PHASE, "max_episodes", f"all {sum(played)} episodes are played")
        if played[rollout] >= limit:
            detail = f"rollout worker {rollout} has played its {limit} episodes"
            return Verdict(SimulationFlowControl.STOP_SIMULATION, "max_episodes", detail)
        return CONTINUE


class VanillaRunGovernorTerminationCondition(MaxEpisodesTerminationCondition, EnvironmentTerminationCondition):
    """Both of them: episodes end with their environments, phases after the given number of episodes."""


def decide(conditions: Iterable[TerminationCondition], progress: PhaseProgress, rollout: int) -> Verdict:
    """Return what a rollout worker does after a committed episode: the highest wish of all.

    Whatever the conditions say, `episodes` bounds the phase: no condition can make a run endless. Of equal wishes the
    first wins, the conditions' before the bound's.
    """
    wishes = [each.phase_flow_control(progress, rollout) for each in conditions]
    results = progress.results_of(rollout)
    if results and results[-1].flow > SimulationFlowControl.RESTART:
        wishes.append(Verdict(results[-1].flow, "objective", "a condition of the episode asked for it"))
    wishes.append(MaxEpisodesTerminationCondition().phase_flow_control(progress, rollout))
    return max(wishes, key=lambda wish: wish.flow)
