"""What has been committed in a phase, and how far each rollout worker may play: pure bookkeeping."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sparring.experiment.conditions.base import EpisodeResult, PhaseProgress
from sparring.experiment.run import Phase
from sparring.governor.rollout_frames import EpisodeCommitted
from sparring.governor.run_record import Count
from sparring.types.episode import EpisodeKey


@dataclass(frozen=True, slots=True)
class Pace:
    """How far rollout workers play before the governor is asked.

    Attributes:
        rounds: They wait for each other after every episode of each lane: somebody learns then, or decides by results.
        stop_every: They wait after so many episodes, so that brains can be saved; None if they need not.
        step: Without rounds, they ask after so many episodes; None: play on.
    """

    rounds: bool = False
    stop_every: int | None = None
    step: int | None = None


@dataclass(slots=True)
class _Track:
    """One rollout worker: which episodes are committed, and whether its part is over."""

    episodes: set[int] = field(default_factory=set)
    first_open: int = 0
    steps: int = 0
    over: bool = False
    recent: deque[EpisodeResult] = field(default_factory=deque)


class PhaseBook:
    """Counts what is committed and sets the allowances.

    Args:
        phase: The phase.
        results_needed: How many results of each rollout worker the run's condition looks at.
        pace: How far rollout workers play before the governor is asked; the careful one, until it is known who learns.
    """

    def __init__(self, phase: Phase, results_needed: int = 0, pace: Pace = Pace(rounds=True)) -> None:
        self.phase = phase
        self.pace = pace
        self._keep = max(1, results_needed, phase.lanes)
        self._tracks = [_Track(recent=deque(maxlen=self._keep)) for _ in range(phase.workers)]
        self._round = 0

    @property
    def round(self) -> int:
        """Number of the round that is being played, from 0; without rounds always 0."""
        return self._round

    def note(self, committed: EpisodeCommitted) -> bool:
        """Count a committed episode; False if it was counted before."""
        track = self._tracks[committed.key.rollout]
        number = committed.key.episode
        if number in track.episodes:
            return False
        track.episodes.add(number)
        track.steps += committed.steps
        while track.first_open in track.episodes:
            track.first_open += 1
        track.recent.append(
            EpisodeResult(committed.key.rollout, number, committed.steps, committed.objectives, committed.flow_control)
        )
        return True

    def recover(self, committed: Iterable[EpisodeCommitted]) -> None:
        """Count what was committed before this governor came."""
        for episode in sorted(committed, key=lambda one: (one.key.episode, one.key.rollout)):
            self.note(episode)

    def set_pace(self, pace: Pace) -> None:
        """Set how far rollout workers play; rounds go on with the one that is not complete."""
        self.pace = pace
        playing = [track.first_open for track in self._tracks if not track.over]
        first = min(playing or [max(track.first_open for track in self._tracks)])
        self._round = first // self.phase.lanes if pace.rounds else 0

    def first_open(self, rollout: int) -> int:
        """Return the lowest episode of a rollout worker that is not committed."""
        return self._tracks[rollout].first_open

    def committed(self, rollout: int) -> int:
        """Return how many episodes of a rollout worker are committed."""
        return len(self._tracks[rollout].episodes)

    def has(self, key: EpisodeKey) -> bool:
        """Whether an episode is committed."""
        return key.episode in self._tracks[key.rollout].episodes

    def allowance(self, rollout: int) -> int:
        """Return the number below which a rollout worker may play its episodes."""
        limits = [] if self.phase.episodes is None else [self.phase.episodes]
        first = self._tracks[rollout].first_open
        if self.pace.rounds:
            limits.append((self._round + 1) * self.phase.lanes)
        elif self.pace.step is not None:
            limits.append(first + self.pace.step)
        if self.pace.stop_every is not None and not self.pace.rounds:
            limits.append((first // self.pace.stop_every + 1) * self.pace.stop_every)
        return min(limits)

    def used_up(self, rollout: int) -> bool:
        """Whether a rollout worker has nothing to play now."""
        track = self._tracks[rollout]
        return track.over or track.first_open >= self.allowance(rollout)

    def over(self, rollout: int) -> bool:
        """Whether a rollout worker's part of the phase is over."""
        track = self._tracks[rollout]
        return track.over or (self.phase.episodes is not None and track.first_open >= self.phase.episodes)

    def end(self, rollout: int) -> None:
        """End a rollout worker's part of the phase."""
        self._tracks[rollout].over = True

    def unfinished(self) -> list[int]:
        """Return the rollout workers whose part is not over."""
        return [number for number in range(self.phase.workers) if not self.over(number)]

    def round_complete(self) -> bool:
        """Whether every rollout worker that plays has committed its part of the round."""
        return self._complete(self._round)

    def closed(self, number: int) -> bool:
        """Whether a round is complete: its part is committed of everybody who plays, or the next one has begun."""
        below = (number + 1) * self.phase.lanes
        begun = any(episode >= below for track in self._tracks for episode in track.episodes)
        return begun or self._complete(number)

    def round_keys(self) -> tuple[EpisodeKey, ...]:
        """Return the committed episodes of the round in learning order: rollout worker, then lane."""
        first = self._round * self.phase.lanes
        return tuple(
            EpisodeKey(self.phase.number, self.phase.mode, rollout, episode)
            for rollout, track in enumerate(self._tracks)
            for episode in range(first, self._bounded(first + self.phase.lanes))
            if episode in track.episodes
        )

    def next_round(self) -> None:
        """Begin the next round."""
        self._round += 1

    def progress(self) -> PhaseProgress:
        """Return what a termination condition may know, results in learning order."""
        results = [result for track in self._tracks for result in track.recent]
        return PhaseProgress(
            mode=self.phase.mode,
            workers=self.phase.workers,
            episodes=self.phase.episodes,
            committed=tuple(len(track.episodes) for track in self._tracks),
            results=sorted(results, key=lambda one: (one.episode // self.phase.lanes, one.rollout, one.episode)),
        )

    def counts(self) -> Mapping[int, Count]:
        """Return what was sent and seen committed, by rollout worker."""
        return {
            number: Count(len(track.episodes), track.steps)
            for number, track in enumerate(self._tracks)
            if track.episodes
        }

    def _complete(self, number: int) -> bool:
        below = (number + 1) * self.phase.lanes
        return all(track.over or track.first_open >= self._bounded(below) for track in self._tracks)

    def _bounded(self, episode: int) -> int:
        return episode if self.phase.episodes is None else min(episode, self.phase.episodes)
