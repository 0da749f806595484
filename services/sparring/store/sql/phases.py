"""Phases and recordings in SQL."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from sparring.store.phases import PhaseSummary, Recording, RecordingKey
from sparring.store.sql.schema import EPISODES, PHASES, RECORDINGS
from sparring.types.mode import Mode

# Prepared, because they run with every group of commits.
_IS: Final = and_(
    PHASES.c.run == bindparam("of_run"),
    PHASES.c.phase == bindparam("of_phase"),
    PHASES.c.mode == bindparam("of_mode"),
)
_FIND: Final = select(PHASES).where(_IS)
_NOTE: Final = update(PHASES).where(_IS).values(first_ns=bindparam("first"), last_ns=bindparam("last"))
_SEAL: Final = update(PHASES).where(_IS).values(sealed=True)


class SqlPhaseStore:
    """Phases in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, run: str, phase: int, mode: Mode, name: str) -> None:
        """See `PhaseStore.begin`."""
        if self._row(run, phase, mode) is None:
            made = insert(PHASES).values(run=run, phase=phase, mode=mode.value, name=name, sealed=False)
            self._connection.execute(made)

    def note_times(self, run: str, phase: int, mode: Mode, first_ns: int, last_ns: int) -> None:
        """See `PhaseStore.note_times`."""
        row = self._row(run, phase, mode)
        if row is not None:
            first = first_ns if row.first_ns is None else min(row.first_ns, first_ns)
            last = last_ns if row.last_ns is None else max(row.last_ns, last_ns)
            self._connection.execute(_NOTE, {**_named(run, phase, mode), "first": first, "last": last})

    def is_sealed(self, run: str, phase: int, mode: Mode) -> bool:
        """See `PhaseStore.is_sealed`."""
        row = self._row(run, phase, mode)
        return row is not None and bool(row.sealed)

    def seal(self, run: str, phase: int, mode: Mode) -> None:
        """See `PhaseStore.seal`."""
        self._connection.execute(_SEAL, _named(run, phase, mode))

    def summaries(self, run: str) -> list[PhaseSummary]:
        """See `PhaseStore.summaries`."""
        same = and_(
            EPISODES.c.run == PHASES.c.run, EPISODES.c.phase == PHASES.c.phase, EPISODES.c.mode == PHASES.c.mode
        )
        statement = (
            select(
                *(PHASES.c[name] for name in ("phase", "mode", "name", "first_ns", "last_ns", "sealed")),
                func.count(EPISODES.c.episode).label("episodes"),
                func.count(EPISODES.c.episode_return).label("returns"),
                func.sum(EPISODES.c.steps).label("steps"),
                func.avg(EPISODES.c.episode_return).label("mean_return"),
            )
            .select_from(PHASES.outerjoin(EPISODES, same))
            .where(PHASES.c.run == run)
            .group_by(*(PHASES.c[name] for name in ("phase", "mode", "name", "first_ns", "last_ns", "sealed")))
            .order_by(PHASES.c.phase, PHASES.c.mode)
        )
        return [_summary(row) for row in self._connection.execute(statement)]

    def declare(self, recording: Recording) -> Recording:
        """See `PhaseStore.declare`."""
        run, phase, mode, rollout = recording.key
        key = {"run": run, "phase": phase, "mode": mode.value, "rollout": rollout}
        kept = select(RECORDINGS.c.declarations).where(*(RECORDINGS.c[name] == value for name, value in key.items()))
        declarations = self._connection.execute(kept).scalar_one_or_none()
        if declarations is not None:
            return Recording(recording.key, declarations)
        self._connection.execute(insert(RECORDINGS).values(**key, declarations=recording.declarations))
        return recording

    def recordings(self, run: str) -> list[Recording]:
        """See `PhaseStore.recordings`."""
        columns = RECORDINGS.c
        statement = (
            select(columns.phase, columns.mode, columns.rollout, columns.declarations)
            .where(columns.run == run)
            .order_by(columns.phase, columns.mode, columns.rollout)
        )
        return [
            Recording(RecordingKey(run, phase, Mode(mode), rollout), declarations)
            for phase, mode, rollout, declarations in self._connection.execute(statement)
        ]

    def _row(self, run: str, phase: int, mode: Mode) -> Any:
        return self._connection.execute(_FIND, _named(run, phase, mode)).one_or_none()


def _named(run: str, phase: int, mode: Mode) -> dict[str, object]:
    return {"of_run": run, "of_phase": phase, "of_mode": mode.value}


def _summary(row: Any) -> PhaseSummary:
    steps = int(row.steps or 0)
    duration_s = (row.last_ns - row.first_ns) / 1e9 if row.first_ns is not None else 0.0
    mean = row.mean_return if row.returns == row.episodes else float("nan")  # NULL stands for NaN
    return PhaseSummary(
        phase=row.phase,
        mode=Mode(row.mode),
        name=row.name,
        episodes=row.episodes,
        steps=steps,
        steps_per_second=steps / duration_s if duration_s > 0 else 0.0,
        mean_return=float(mean or 0.0),
        sealed=row.sealed,
    )
