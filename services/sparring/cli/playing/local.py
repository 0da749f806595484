"""How large a system on this machine a document needs, and what that system may import."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sparring.experiment.class_use import classes_of, modules_of
from sparring.experiment.run import ExperimentRun, Phase


@dataclass(frozen=True, slots=True)
class Needs:
    """What a document asks of the system that plays it; fields as in `embedded.local.LocalSettings`."""

    modules: tuple[str, ...]
    search_paths: tuple[str, ...]
    components: tuple[tuple[str, str], ...]
    rollout_slots: int
    agent_slots: int
    environment_slots: int


def needs_of(run: ExperimentRun, file: str, *, placement: str | None = None, slots: int | None = None) -> Needs:
    """Return what a run needs on this machine.

    Args:
        run: written out in full.
        file: the document's path: its folder is searched for modules.
        placement: takes the place of the document's.
        slots: how many rollout workers play at the same time; by default one per core. The others wait for their turn.
    """
    most = max(phase.workers for phase in run.phases)
    rollouts = min(most, slots or os.cpu_count() or 1)
    apart = [_apart(phase, placement) for phase in run.phases]
    brains = [sum(not agent.brain.foreign for agent in phase.agents) for phase in run.phases]
    muscles = [rollouts * muscles for _, muscles in apart]
    return Needs(
        modules=tuple(sorted(modules_of(run))),
        search_paths=(str(Path(file).absolute().parent),),
        components=tuple(dict.fromkeys((use.name, use.role.value) for use in classes_of(run))),
        rollout_slots=rollouts,
        agent_slots=max(1, *(sum(both) for both in zip(brains, muscles, strict=True))),
        environment_slots=rollouts * max(environments for environments, _ in apart),
    )


def _apart(phase: Phase, placement: str | None) -> tuple[int, int]:
    """Count environments and muscles of one rollout worker that are not inline, but in slots of their own."""

    def count(each: Iterator[tuple[bool, str]]) -> int:
        return sum(not foreign and (placement or own) == "service" for foreign, own in each)

    return (
        count((each.source.foreign, each.placement) for each in phase.environments),
        count((each.muscle.foreign, each.placement) for each in phase.agents),
    )
