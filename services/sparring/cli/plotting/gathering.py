"""Episodes of a run, gathered one by one into a few numbers each: what is drawn of them."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field

from sparring.cli.access.records import EpisodeRecord

EVALUATE = "evaluate"


@dataclass(slots=True)
class Columns:
    """Committed episodes of one phase in one mode, in the order in which they were told; a number each per column."""

    rollout: array[int] = field(default_factory=lambda: array("q"))
    episode: array[int] = field(default_factory=lambda: array("q"))
    committed: array[float] = field(default_factory=lambda: array("d"))
    steps: array[float] = field(default_factory=lambda: array("d"))
    returns: array[float] = field(default_factory=lambda: array("d"))
    objectives: dict[str, array[float]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.episode)

    def add(self, episode: EpisodeRecord) -> None:
        """Take an episode; an agent whose objective said nothing has NaN."""
        known = len(self)
        self.rollout.append(episode.rollout)
        self.episode.append(episode.episode)
        self.committed.append(0.0 if episode.committed is None else episode.committed.timestamp())
        self.steps.append(episode.steps)
        self.returns.append(episode.episode_return)
        for agent in episode.objectives:
            if agent not in self.objectives:
                self.objectives[agent] = array("d", [math.nan]) * known
        for agent, values in self.objectives.items():
            values.append(episode.objectives.get(agent, math.nan))


@dataclass(slots=True)
class GatheredPhase:
    """One phase: its episodes, and apart from them those that only evaluated."""

    number: int
    name: str
    mode: str
    episodes: Columns = field(default_factory=Columns)
    evaluations: Columns = field(default_factory=Columns)


class Gathering:
    """Takes the committed episodes of one run, each once, in any order."""

    def __init__(self) -> None:
        self._phases: dict[int, GatheredPhase] = {}

    def add(self, episode: EpisodeRecord) -> None:
        """Take an episode."""
        phase = self._phases.get(episode.phase)
        if phase is None:
            phase = self._phases[episode.phase] = GatheredPhase(episode.phase, episode.phase_name, episode.mode)
        if episode.mode == EVALUATE:
            phase.evaluations.add(episode)
        else:
            phase.mode = episode.mode
            phase.episodes.add(episode)

    @property
    def phases(self) -> list[GatheredPhase]:
        """Phases with at least one episode, in order."""
        return [self._phases[number] for number in sorted(self._phases)]

    def __bool__(self) -> bool:
        return bool(self._phases)
