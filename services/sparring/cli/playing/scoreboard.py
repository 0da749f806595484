"""How far a run is: by phase and rollout worker, from durable events and passing progress. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sparring.cli.access.records import EpisodeRecord, EventRecord, ProgressRecord


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """What the document says of a phase; `episodes` of each rollout worker, None: until a condition ends it."""

    number: int
    name: str
    mode: str
    workers: int
    episodes: int | None


@dataclass(slots=True)
class RolloutScore:
    """How far one rollout worker is in a phase. Steps and returns are those of committed episodes."""

    rollout: int
    planned: int | None = None
    episodes: int = 0
    steps: int = 0
    last_return: float | None = None
    running_steps: int = 0
    told_speed: float = 0.0
    first: datetime | None = None
    last: datetime | None = None
    first_steps: int = 0
    waiting: str = ""

    @property
    def steps_per_second(self) -> float:
        """As it was told; before that, as the commits after the first one suggest."""
        if self.told_speed or self.first is None or self.last is None or self.last <= self.first:
            return self.told_speed
        return (self.steps - self.first_steps) / (self.last - self.first).total_seconds()

    @property
    def steps_so_far(self) -> int:
        """Committed steps and those of the running episode."""
        return self.steps + self.running_steps


@dataclass(slots=True)
class PhaseScore:
    """How far a phase is."""

    number: int
    name: str
    mode: str
    planned: int | None = None
    rollouts: dict[int, RolloutScore] = field(default_factory=dict)
    returns: float = 0.0
    evaluations: int = 0

    @property
    def episodes(self) -> int:
        """Committed episodes, without evaluations."""
        return sum(each.episodes for each in self.rollouts.values())

    @property
    def steps(self) -> int:
        """Steps so far."""
        return sum(each.steps_so_far for each in self.rollouts.values())

    @property
    def steps_per_second(self) -> float:
        """Of all rollout workers together."""
        return sum(each.steps_per_second for each in self.rollouts.values())

    @property
    def waiting(self) -> str:
        """Why the store takes nothing of some rollout worker; empty while it takes everything."""
        return next((each.waiting for each in self.rollouts.values() if each.waiting), "")

    @property
    def mean_return(self) -> float | None:
        """Of the committed episodes; None before the first."""
        return self.returns / self.episodes if self.episodes else None

    def rollout(self, number: int) -> RolloutScore:
        """Return the score of a rollout worker, a new one if it was not heard of before."""
        return self.rollouts.setdefault(number, RolloutScore(number, self.planned))


class Scoreboard:
    """Takes what a watch yields; an event that comes twice counts once."""

    def __init__(self, planned: Iterable[PlannedPhase] = ()) -> None:
        self.phases: dict[int, PhaseScore] = {}
        self.current: int | None = None
        self._revision = 0
        self._planned = {phase.number: phase for phase in planned}

    def event(self, event: EventRecord) -> bool:
        """Take a durable event; False if it was known."""
        if event.revision <= self._revision:
            return False
        self._revision = event.revision
        if event.episode is not None:
            self._committed(event.episode, event.time)
        return True

    def progress(self, progress: ProgressRecord) -> None:
        """Take passing progress."""
        phase = self._phase(progress.phase, progress.phase_name)
        score = phase.rollout(progress.rollout)
        score.planned = score.planned or progress.episodes or None
        score.running_steps = progress.step if progress.episode >= score.episodes else 0
        score.told_speed = progress.steps_per_second
        score.waiting = progress.waiting

    def _committed(self, episode: EpisodeRecord, at: datetime) -> None:
        phase = self._phase(episode.phase, episode.phase_name)
        if episode.mode == "evaluate":
            phase.evaluations += 1
            return
        phase.mode = episode.mode
        score = phase.rollout(episode.rollout)
        score.episodes += 1
        score.steps += episode.steps
        score.running_steps = 0
        if score.first is None:
            score.first, score.first_steps = at, episode.steps
        score.last = at
        score.last_return = episode.episode_return
        phase.returns += episode.episode_return

    def _phase(self, number: int, name: str) -> PhaseScore:
        self.current = number
        if number not in self.phases:
            planned = self._planned.get(number)
            score = PhaseScore(number, name, planned.mode if planned else "")
            if planned is not None:
                score.planned = planned.episodes
                for rollout in range(planned.workers):
                    score.rollout(rollout)
            self.phases[number] = score
        return self.phases[number]
