"""The `Database` port in memory: the same rules as in SQL, nothing durable."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from sparring.store.brain_states import BrainState
from sparring.store.episodes import CommittedEpisode
from sparring.store.naming import run_name
from sparring.store.phases import Count, PhaseSummary, Recording, RecordingKey, total
from sparring.store.ports import Tables
from sparring.store.refusals import run_unknown
from sparring.store.runs import Run, RunEvent, Status, Submission
from sparring.types.episode import EpisodeKey
from sparring.types.faults import StruckFault
from sparring.types.mode import Mode

Result = TypeVar("Result")


@dataclass(frozen=True)
class _Phase:
    name: str
    first_ns: int | None = None
    last_ns: int | None = None
    sealed: bool = False


@dataclass
class _Rows:
    """Everything that is kept. Rows are immutable, so that a copy of the containers is a snapshot."""

    runs: dict[str, Run] = field(default_factory=dict)  # in the order in which they were made
    counters: dict[str, int] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    events: list[RunEvent] = field(default_factory=list)
    phases: dict[tuple[str, int, Mode], _Phase] = field(default_factory=dict)
    recordings: dict[RecordingKey, Recording] = field(default_factory=dict)
    episodes: dict[tuple[str, EpisodeKey], CommittedEpisode] = field(default_factory=dict)
    states: list[BrainState] = field(default_factory=list)
    faults: dict[tuple[str, EpisodeKey, str], tuple[str, StruckFault]] = field(default_factory=dict)

    def copy(self) -> _Rows:
        return _Rows(*(copy(getattr(self, each.name)) for each in fields(self)))


class MemoryDatabase:
    """Rows in dictionaries; `write` is undone if it raises."""

    def __init__(self) -> None:
        self._rows = _Rows()
        self._lock = threading.Lock()

    def write(self, work: Callable[[Tables], Result]) -> Result:
        """See `Database.write`."""
        with self._lock:
            rows = self._rows.copy()
            result = work(_tables(rows))
            self._rows = rows
            return result

    def read(self, work: Callable[[Tables], Result]) -> Result:
        """See `Database.read`."""
        with self._lock:
            return work(_tables(self._rows.copy()))

    def close(self) -> None:
        """Forget nothing; there is nothing to release."""


def _tables(rows: _Rows) -> Tables:
    return Tables(
        MemoryRunStore(rows),
        MemoryPhaseStore(rows),
        MemoryEpisodeStore(rows),
        MemoryBrainStateStore(rows),
        MemoryFaultStore(rows),
    )


class MemoryRunStore:
    """See `RunStore`."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def insert(self, base: str, submission: Submission, now_ns: int) -> Run:
        """See `RunStore.insert`."""
        counter = self._rows.counters.get(base, 0) + 1
        while run_name(base, counter) in self._rows.runs:
            counter += 1
        self._rows.counters[base] = counter
        run = Run(run_name(base, counter), submission.uid, submission.seed, submission.deterministic, now_ns)
        self._rows.runs[run.run] = run
        self._rows.submissions[run.run] = submission
        return self.save(run, f"Submitted {submission.file_name or submission.uid}.", now_ns)

    def with_token(self, client_token: str) -> Run | None:
        """See `RunStore.with_token`."""
        found = [run for run, each in self._rows.submissions.items() if each.client_token == client_token]
        return self._rows.runs[found[0]] if found else None

    def find(self, run: str) -> Run:
        """See `RunStore.find`."""
        if run not in self._rows.runs:
            raise run_unknown(run)
        return self._rows.runs[run]

    def latest(self) -> Run | None:
        """See `RunStore.latest`."""
        return next(reversed(self._rows.runs.values()), None)

    def latest_finished(self, uid: str) -> Run | None:
        """See `RunStore.latest_finished`."""
        newest = reversed(self._rows.runs.values())
        return next((run for run in newest if run.uid == uid and run.status is Status.FINISHED), None)

    def submission(self, run: str) -> Submission:
        """See `RunStore.submission`."""
        self.find(run)
        return self._rows.submissions[run]

    def page(self, before: int | None, size: int) -> list[tuple[int, Run]]:
        """See `RunStore.page`."""
        numbered = builtins.list(enumerate(self._rows.runs.values(), 1))[::-1]
        return [(number, run) for number, run in numbered if before is None or number < before][:size]

    def claimable(self, now_ns: int, names: Sequence[str], limit: int) -> list[Run]:
        """See `RunStore.claimable`."""
        runs = [run for run in self._rows.runs.values() if run.can_be_claimed(now_ns)]
        return [run for run in runs if not names or run.run in names][:limit]

    def save(self, run: Run, message: str, now_ns: int) -> Run:
        """See `RunStore.save`."""
        saved = replace(run, revision=run.revision + 1)
        self._rows.runs[run.run] = saved
        self._rows.events.append(RunEvent(now_ns, saved, message))
        return saved

    def renew(self, run: Run) -> None:
        """See `RunStore.renew`."""
        self._rows.runs[run.run] = replace(self.find(run.run), lease_until_ns=run.lease_until_ns)

    def count_up(self, run: str, events: int) -> None:
        """See `RunStore.count_up`."""
        found = self.find(run)
        self._rows.runs[run] = replace(found, revision=found.revision + events)

    def events(self, run: str, after: int, limit: int) -> list[RunEvent]:
        """See `RunStore.events`."""
        return [each for each in self._rows.events if each.run.run == run and each.run.revision > after][:limit]

    def at(self, run: str, revision: int) -> Run:
        """See `RunStore.at`."""
        found = [each.run for each in self._rows.events if each.run.run == run and each.run.revision <= revision]
        if not found:
            raise run_unknown(run)
        return found[-1]


class MemoryPhaseStore:
    """See `PhaseStore`."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def begin(self, run: str, phase: int, mode: Mode, name: str) -> None:
        """See `PhaseStore.begin`."""
        self._rows.phases.setdefault((run, phase, mode), _Phase(name))

    def note_times(self, run: str, phase: int, mode: Mode, first_ns: int, last_ns: int) -> None:
        """See `PhaseStore.note_times`."""
        found = self._rows.phases.get((run, phase, mode))
        if found is not None:
            first_ns = min(found.first_ns or first_ns, first_ns)
            last_ns = max(found.last_ns or last_ns, last_ns)
            self._rows.phases[run, phase, mode] = replace(found, first_ns=first_ns, last_ns=last_ns)

    def is_sealed(self, run: str, phase: int, mode: Mode) -> bool:
        """See `PhaseStore.is_sealed`."""
        found = self._rows.phases.get((run, phase, mode))
        return found is not None and found.sealed

    def seal(self, run: str, phase: int, mode: Mode) -> None:
        """See `PhaseStore.seal`."""
        found = self._rows.phases[run, phase, mode]
        self._rows.phases[run, phase, mode] = replace(found, sealed=True)

    def summaries(self, run: str) -> list[PhaseSummary]:
        """See `PhaseStore.summaries`."""
        phases = sorted((key, phase) for key, phase in self._rows.phases.items() if key[0] == run)
        return [self._summary(run, number, mode, phase) for (_, number, mode), phase in phases]

    def _summary(self, run: str, number: int, mode: Mode, phase: _Phase) -> PhaseSummary:
        counts = total(MemoryEpisodeStore(self._rows).counts(run, number, mode).values())
        returns = [
            each.summary.episode_return
            for (owner, key), each in self._rows.episodes.items()
            if owner == run and (key.phase, key.mode) == (number, mode)
        ]
        duration_s = ((phase.last_ns or 0) - (phase.first_ns or 0)) / 1e9
        return PhaseSummary(
            phase=number,
            mode=mode,
            name=phase.name,
            episodes=counts.episodes,
            steps=counts.steps,
            steps_per_second=counts.steps / duration_s if duration_s > 0 else 0.0,
            mean_return=sum(returns) / len(returns) if returns else 0.0,
            sealed=phase.sealed,
        )

    def declare(self, recording: Recording) -> Recording:
        """See `PhaseStore.declare`."""
        return self._rows.recordings.setdefault(recording.key, recording)

    def recordings(self, run: str) -> list[Recording]:
        """See `PhaseStore.recordings`."""
        return [each for key, each in sorted(self._rows.recordings.items()) if key.run == run]


class MemoryEpisodeStore:
    """See `EpisodeStore`."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def _sorted(self, run: str) -> list[CommittedEpisode]:
        found = [self._named(each) for (owner, _), each in self._rows.episodes.items() if owner == run]
        return sorted(found, key=lambda each: _order(each.summary.key))

    def _named(self, episode: CommittedEpisode) -> CommittedEpisode:
        key = episode.summary.key
        phase = self._rows.phases.get((episode.run, key.phase, key.mode))
        return replace(episode, phase_name=phase.name if phase else "")

    def existing(self, recording: RecordingKey, episodes: Iterable[int]) -> dict[int, CommittedEpisode]:
        """See `EpisodeStore.existing`."""
        run, *rest = recording
        keys = {number: (run, EpisodeKey(*rest, number)) for number in episodes}
        found = {number: self._rows.episodes.get(key) for number, key in keys.items()}
        return {number: self._named(each) for number, each in found.items() if each is not None}

    def insert(self, episodes: Sequence[CommittedEpisode]) -> None:
        """See `EpisodeStore.insert`."""
        for each in episodes:
            if (each.run, each.summary.key) in self._rows.episodes:
                raise ValueError(f"{each.summary.key} is committed already")
            self._rows.episodes[each.run, each.summary.key] = each

    def numbers(self, recording: RecordingKey) -> list[int]:
        """See `EpisodeStore.numbers`."""
        return [each.summary.key.episode for each in self.of_recording(recording, -1, len(self._rows.episodes))]

    def last_stop(self, recording: RecordingKey) -> int:
        """See `EpisodeStore.last_stop`."""
        return max((each.place.stop for each in self.of_recording(recording, -1, len(self._rows.episodes))), default=0)

    def page(self, run: str, phase: int | None, after: EpisodeKey | None, limit: int) -> list[CommittedEpisode]:
        """See `EpisodeStore.page`."""
        found = [each for each in self._sorted(run) if phase is None or each.summary.key.phase == phase]
        return [each for each in found if after is None or _order(each.summary.key) > _order(after)][:limit]

    def of_recording(self, recording: RecordingKey, after: int, limit: int) -> list[CommittedEpisode]:
        """See `EpisodeStore.of_recording`."""
        found = [each for each in self._sorted(recording.run) if each.recording == recording]
        return [each for each in found if each.summary.key.episode > after][:limit]

    def since(self, run: str, after: int, limit: int) -> list[CommittedEpisode]:
        """See `EpisodeStore.since`."""
        found = sorted(self._sorted(run), key=lambda each: each.revision)
        return [each for each in found if each.revision > after][:limit]

    def counts(self, run: str, phase: int, mode: Mode) -> Mapping[int, Count]:
        """See `EpisodeStore.counts`."""
        counts: dict[int, Count] = {}
        for each in self._sorted(run):
            key = each.summary.key
            if (key.phase, key.mode) == (phase, mode):
                before = counts.get(key.rollout, Count(0, 0))
                counts[key.rollout] = Count(before.episodes + 1, before.steps + each.summary.steps)
        return counts

    def digests(self, run: str) -> list[tuple[EpisodeKey, bytes]]:
        """See `EpisodeStore.digests`."""
        return [(each.summary.key, each.summary.digest) for each in self._sorted(run)]


class MemoryBrainStateStore:
    """See `BrainStateStore`."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def put(self, state: BrainState, now_ns: int) -> None:
        """See `BrainStateStore.put`."""
        self._rows.states = [each for each in self._rows.states if each.name != state.name] + [state]

    def find(self, run: str, phase: int | None, agent: str, tag: str) -> BrainState | None:
        """See `BrainStateStore.find`."""
        fitting = [
            each
            for each in self.list(run)
            if each.agent == agent and phase in (None, each.phase) and tag in ("", each.tag)
        ]
        return fitting[-1] if fitting else None

    def list(self, run: str) -> builtins.list[BrainState]:
        """See `BrainStateStore.list`."""
        return [each for each in self._rows.states if each.run == run]

    def uses(self, run: str, digest: bytes) -> bool:
        """See `BrainStateStore.uses`."""
        return any(each.digest == digest for each in self.list(run))


def _order(key: EpisodeKey) -> tuple[int, str, int, int]:
    return key.phase, key.mode.value, key.rollout, key.episode


class MemoryFaultStore:
    """See `FaultStore`."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def put(self, run: str, attempt: str, fault: StruckFault, now_ns: int) -> str:
        """See `FaultStore`."""
        return self._rows.faults.setdefault((run, fault.key, fault.name), (attempt, fault))[0]

    def list(self, run: str) -> builtins.list[StruckFault]:
        """See `FaultStore`."""
        found = [fault for (of, _, _), (_, fault) in self._rows.faults.items() if of == run]

        def order(fault: StruckFault) -> tuple[object, ...]:
            key = fault.key
            return key.phase, key.mode.value, key.rollout, key.episode, fault.step, fault.name

        return sorted(found, key=order)
