"""Faults that struck, in SQL."""

from __future__ import annotations

import builtins

from sqlalchemy import Connection, RowMapping, insert, inspect, select

from sparring.store.sql.schema import FAULTS
from sparring.types.episode import EpisodeKey
from sparring.types.faults import FaultKind, StruckFault
from sparring.types.mode import Mode

_C = FAULTS.c


class SqlFaultStore:
    """Faults in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, run: str, attempt: str, fault: StruckFault, now_ns: int) -> str:
        """See `FaultStore.put`."""
        key = fault.key
        name = {
            "run": run,
            "phase": key.phase,
            "mode": key.mode.value,
            "rollout": key.rollout,
            "episode": key.episode,
            "name": fault.name,
        }
        before = self._connection.execute(
            select(_C.attempt).where(*(FAULTS.c[column] == value for column, value in name.items()))
        ).scalar_one_or_none()
        if before is not None:
            return str(before)
        self._connection.execute(
            insert(FAULTS).values(
                **name,
                kind=fault.kind.value,
                target=fault.target,
                step=fault.step,
                value=fault.value,
                attempt=attempt,
                struck_ns=now_ns,
            )
        )
        return attempt

    def list(self, run: str) -> builtins.list[StruckFault]:
        """See `FaultStore.list`."""
        if not inspect(self._connection).has_table(FAULTS.name):
            return []  # an older database, read as it is
        order = (_C.phase, _C.mode, _C.rollout, _C.episode, _C.step, _C.name)
        statement = select(FAULTS).where(_C.run == run).order_by(*order)
        return [_fault(row) for row in self._connection.execute(statement).mappings()]


def _fault(row: RowMapping) -> StruckFault:
    return StruckFault(
        key=EpisodeKey(row["phase"], Mode(row["mode"]), row["rollout"], row["episode"]),
        name=row["name"],
        kind=FaultKind(row["kind"]),
        target=row["target"],
        step=row["step"],
        value=row["value"],
    )
