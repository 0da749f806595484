"""Committed episodes in SQL."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, func, insert, select, tuple_

from sparring.store.encoding.late import decode_late, encode_late
from sparring.store.episodes import CommittedEpisode, Place
from sparring.store.phases import Count, RecordingKey
from sparring.store.sql.schema import EPISODES, PHASES
from sparring.types.episode import EpisodeKey, EpisodeSummary
from sparring.types.flow import SimulationFlowControl
from sparring.types.mode import Mode

_C: Final = EPISODES.c
_KEY: Final = (_C.phase, _C.mode, _C.rollout, _C.episode)
_SELECT: Final = select(EPISODES, PHASES.c.name.label("phase_name")).outerjoin(
    PHASES, and_(PHASES.c.run == _C.run, PHASES.c.phase == _C.phase, PHASES.c.mode == _C.mode)
)
_ASKED_AT_ONCE: Final = 500

# Prepared, because they run with every group of commits.
_INSERT: Final = insert(EPISODES)
_EXISTING: Final = _SELECT.where(
    *(_C[name] == bindparam(name) for name in ("run", "phase", "mode", "rollout")),
    _C.episode.in_(bindparam("numbers", expanding=True)),
)


class SqlEpisodeStore:
    """Episodes in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def existing(self, recording: RecordingKey, episodes: Iterable[int]) -> dict[int, CommittedEpisode]:
        """See `EpisodeStore.existing`."""
        numbers = sorted(set(episodes))
        found: dict[int, CommittedEpisode] = {}
        for start in range(0, len(numbers), _ASKED_AT_ONCE):
            asked = {**_named(recording), "numbers": numbers[start : start + _ASKED_AT_ONCE]}
            found |= {episode.summary.key.episode: episode for episode in self._episodes(_EXISTING, asked)}
        return found

    def insert(self, episodes: Sequence[CommittedEpisode]) -> None:
        """See `EpisodeStore.insert`."""
        if episodes:
            self._connection.execute(_INSERT, [_columns(episode) for episode in episodes])

    def numbers(self, recording: RecordingKey) -> list[int]:
        """See `EpisodeStore.numbers`."""
        return list(self._connection.execute(select(_C.episode).where(_of(recording)).order_by(_C.episode)).scalars())

    def last_stop(self, recording: RecordingKey) -> int:
        """See `EpisodeStore.last_stop`."""
        return self._connection.execute(select(func.max(_C.stop)).where(_of(recording))).scalar() or 0

    def page(self, run: str, phase: int | None, after: EpisodeKey | None, limit: int) -> list[CommittedEpisode]:
        """See `EpisodeStore.page`."""
        statement = _SELECT.where(_C.run == run).order_by(*_KEY).limit(limit)
        if phase is not None:
            statement = statement.where(_C.phase == phase)
        if after is not None:
            key = (after.phase, after.mode.value, after.rollout, after.episode)
            statement = statement.where(tuple_(*_KEY) > tuple_(*key))
        return self._episodes(statement)

    def of_recording(self, recording: RecordingKey, after: int, limit: int) -> list[CommittedEpisode]:
        """See `EpisodeStore.of_recording`."""
        return self._episodes(_SELECT.where(_of(recording), _C.episode > after).order_by(_C.episode).limit(limit))

    def since(self, run: str, after: int, limit: int) -> list[CommittedEpisode]:
        """See `EpisodeStore.since`."""
        return self._episodes(_SELECT.where(_C.run == run, _C.revision > after).order_by(_C.revision).limit(limit))

    def counts(self, run: str, phase: int, mode: Mode) -> Mapping[int, Count]:
        """See `EpisodeStore.counts`."""
        statement = (
            select(_C.rollout, func.count(), func.sum(_C.steps))
            .where(_C.run == run, _C.phase == phase, _C.mode == mode.value)
            .group_by(_C.rollout)
        )
        rows = self._connection.execute(statement)
        return {rollout: Count(episodes, int(steps)) for rollout, episodes, steps in rows}

    def digests(self, run: str) -> list[tuple[EpisodeKey, bytes]]:
        """See `EpisodeStore.digests`."""
        rows = self._connection.execute(select(*_KEY, _C.digest).where(_C.run == run))
        return [
            (EpisodeKey(phase, Mode(mode), rollout, episode), digest) for phase, mode, rollout, episode, digest in rows
        ]

    def _episodes(self, statement: Any, named: dict[str, Any] | None = None) -> list[CommittedEpisode]:
        return [_episode(row) for row in self._connection.execute(statement, named).mappings()]


def _of(recording: RecordingKey) -> ColumnElement[bool]:
    run, phase, mode, rollout = recording
    return and_(_C.run == run, _C.phase == phase, _C.mode == mode.value, _C.rollout == rollout)


def _named(recording: RecordingKey) -> dict[str, Any]:
    run, phase, mode, rollout = recording
    return {"run": run, "phase": phase, "mode": mode.value, "rollout": rollout}


def _columns(episode: CommittedEpisode) -> dict[str, object]:
    summary = episode.summary
    key = summary.key
    return {
        "run": episode.run,
        "phase": key.phase,
        "mode": key.mode.value,
        "rollout": key.rollout,
        "episode": key.episode,
        "steps": summary.steps,
        "episode_return": None if math.isnan(summary.episode_return) else summary.episode_return,
        "objectives": json.dumps(dict(summary.objectives)),
        "terminated": summary.terminated,
        "truncated": summary.truncated,
        "digest": summary.digest,
        "seeds": json.dumps(dict(summary.seeds)),
        "attempts": summary.attempts,
        "duration_s": summary.duration_s,
        "flow_control": summary.flow_control.value,
        "epoch": episode.epoch,
        "committed_ns": episode.committed_ns,
        "start": episode.place.start,
        "stop": episode.place.stop,
        "late": encode_late(episode.late),
        "revision": episode.revision,
    }


def _episode(row: RowMapping) -> CommittedEpisode:
    summary = EpisodeSummary(
        key=EpisodeKey(row["phase"], Mode(row["mode"]), row["rollout"], row["episode"]),
        steps=row["steps"],
        episode_return=math.nan if row["episode_return"] is None else row["episode_return"],
        objectives=json.loads(row["objectives"]),
        terminated=row["terminated"],
        truncated=row["truncated"],
        digest=row["digest"],
        seeds=json.loads(row["seeds"]),
        attempts=row["attempts"],
        duration_s=row["duration_s"],
        flow_control=SimulationFlowControl(row["flow_control"]),
    )
    return CommittedEpisode(
        run=row["run"],
        summary=summary,
        epoch=row["epoch"],
        committed_ns=row["committed_ns"],
        place=Place(row["start"], row["stop"]),
        late=decode_late(row["late"]),
        revision=row["revision"],
        phase_name=row["phase_name"] or "",
    )
