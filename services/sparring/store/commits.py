"""Group commit: episodes wait for each other up to a limit, then their steps and after that their rows become durable.

Used by the writer's thread only. The order is what makes an episode count: steps, row, acknowledgement.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from sparring.store.episodes import CommittedEpisode
from sparring.store.phases import RecordingKey
from sparring.store.ports import Database, Tables
from sparring.store.runs import Run
from sparring.store.segments.segment import Segment
from sparring.types.errors import FailedPreconditionError, SparringError
from sparring.types.fail_points import reach
from sparring.types.mode import Mode

GROUP_S: Final = 0.1
GROUP_BYTES: Final = 4 << 20


class Outcome(NamedTuple):
    """What became of a commit: the row, and whether it was there already."""

    episode: CommittedEpisode
    existed: bool


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """An episode whose steps are written, but not yet durable.

    Attributes:
        episode: its row.
        began_ns: when its first frame came.
        segment: where its steps are; None if the phase is sealed.
        answer: of whoever waits.
    """

    episode: CommittedEpisode
    began_ns: int
    segment: Segment | None
    answer: Future[Outcome]


class Commits:
    """The group that is being gathered.

    Args:
        database: where rows go.
        committed: told which runs have new episodes.
        wait_s: how long the first of a group waits.
        most_bytes: how many bytes of steps may wait.
    """

    def __init__(
        self,
        database: Database,
        committed: Callable[[frozenset[str]], None],
        wait_s: float = GROUP_S,
        most_bytes: int = GROUP_BYTES,
    ) -> None:
        self._database = database
        self._committed = committed
        self._wait_s = wait_s
        self._most_bytes = most_bytes
        self._pending: list[PendingCommit] = []
        self._bytes = 0
        self._due_s = 0.0

    def add(self, commit: PendingCommit) -> None:
        """Take an episode; written at once if the group is full."""
        if not self._pending:
            self._due_s = time.monotonic() + self._wait_s
        self._pending.append(commit)
        self._bytes += commit.episode.place.stop - commit.episode.place.start
        if self._bytes >= self._most_bytes:
            self.flush()

    def wait_s(self) -> float | None:
        """Return how long the group may still wait; None if there is none."""
        return max(0.0, self._due_s - time.monotonic()) if self._pending else None

    def flush(self) -> None:
        """Make the group durable and answer; a failure is an answer as well."""
        group, self._pending, self._bytes = self._pending, [], 0
        if not group:
            return
        synced = _synced(group)
        if not synced:
            return
        reach("steps-durable")
        try:
            outcomes = self._database.write(lambda tables: commit_group(tables, synced))
        except Exception as error:
            for each in synced:
                each.answer.set_exception(error)
            return
        reach("rows-durable")
        for each, outcome in zip(synced, outcomes, strict=True):
            if isinstance(outcome, SparringError):
                each.answer.set_exception(outcome)
            else:
                each.answer.set_result(outcome)
        self._committed(frozenset(each.episode.run for each in synced))


def _synced(group: Sequence[PendingCommit]) -> list[PendingCommit]:
    """Make the steps durable; returns the commits for which that went well."""
    failed: dict[int, SparringError] = {}
    for segment in {id(each.segment): each.segment for each in group if each.segment is not None}.values():
        try:
            segment.sync()
        except SparringError as error:
            failed[id(segment)] = error
    for each in group:
        if id(each.segment) in failed:
            each.answer.set_exception(failed[id(each.segment)])
    return [each for each in group if id(each.segment) not in failed]


def commit_group(tables: Tables, group: Sequence[PendingCommit]) -> list[Outcome | SparringError]:
    """Insert the rows of a group; the first row of a key stays."""
    insertion = _Insertion(tables, group)
    outcomes = [insertion.outcome(each) for each in group]
    insertion.finish()
    return outcomes


class _Insertion:
    """One transaction's worth of commits."""

    def __init__(self, tables: Tables, group: Sequence[PendingCommit]) -> None:
        self._tables = tables
        self._runs: dict[str, Run] = {}
        self._sealed: dict[tuple[str, int, Mode], bool] = {}
        self._first: dict[tuple[RecordingKey, int], CommittedEpisode] = {}
        self._fresh: list[tuple[PendingCommit, CommittedEpisode]] = []
        self._counts: Counter[str] = Counter()
        numbers: dict[RecordingKey, list[int]] = defaultdict(list)
        for each in group:
            numbers[each.episode.recording].append(each.episode.summary.key.episode)
        for recording, episodes in numbers.items():
            for number, episode in tables.episodes.existing(recording, episodes).items():
                self._first[recording, number] = episode

    def outcome(self, commit: PendingCommit) -> Outcome | SparringError:
        """Decide what becomes of one commit."""
        episode = commit.episode
        try:
            run = self._run(episode.run)
            run.check_epoch(episode.epoch)
            name = (episode.recording, episode.summary.key.episode)
            if name in self._first:
                return Outcome(self._first[name], True)
            run.check_not_ended()
            self._check_open(episode.recording)
        except SparringError as error:
            return error
        self._counts[run.run] += 1
        numbered = replace(episode, revision=run.revision + self._counts[run.run])
        self._first[name] = numbered
        self._fresh.append((commit, numbered))
        return Outcome(numbered, False)

    def finish(self) -> None:
        """Write what was decided."""
        for run, count in self._counts.items():
            self._tables.runs.count_up(run, count)
        self._tables.episodes.insert([episode for _, episode in self._fresh])
        times: dict[tuple[str, int, Mode], list[int]] = defaultdict(list)
        for commit, episode in self._fresh:
            times[episode.recording[:3]] += [commit.began_ns, episode.committed_ns]
        for (run, phase, mode), every in times.items():
            self._tables.phases.note_times(run, phase, mode, min(every), max(every))

    def _run(self, name: str) -> Run:
        if name not in self._runs:
            self._runs[name] = self._tables.runs.find(name)
        return self._runs[name]

    def _check_open(self, recording: RecordingKey) -> None:
        run, phase, mode, _ = recording
        if (run, phase, mode) not in self._sealed:
            self._sealed[run, phase, mode] = self._tables.phases.is_sealed(run, phase, mode)
        if self._sealed[run, phase, mode]:
            raise phase_sealed(run, phase, mode)


def phase_sealed(run: str, phase: int, mode: Mode) -> FailedPreconditionError:
    """Say that a phase takes no more episodes."""
    return FailedPreconditionError(
        "PHASE_SEALED",
        f"Phase {phase} ({mode}) of run {run} is sealed; it takes no more episodes.",
        run=run,
        phase=phase,
        mode=mode,
    )
