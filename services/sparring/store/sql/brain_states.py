"""Headers of brain states in SQL."""

from __future__ import annotations

import builtins
import json

from sqlalchemy import Connection, RowMapping, and_, delete, insert, select

from sparring.store.brain_states import BrainState
from sparring.store.sql.schema import BRAIN_STATES
from sparring.types.episode import EpisodeKey
from sparring.types.mode import Mode

_C = BRAIN_STATES.c


class SqlBrainStateStore:
    """Headers in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, state: BrainState, now_ns: int) -> None:
        """See `BrainStateStore.put`."""
        run, phase, agent, tag = state.name
        same = and_(_C.run == run, _C.phase == phase, _C.agent == agent, _C.tag == tag)
        self._connection.execute(delete(BRAIN_STATES).where(same))
        contains = [[key.phase, key.mode.value, key.rollout, key.episode] for key in state.contains]
        self._connection.execute(
            insert(BRAIN_STATES).values(
                run=run,
                phase=phase,
                agent=agent,
                tag=tag,
                epoch=state.epoch,
                contains=json.dumps(contains),
                policy_version=state.policy_version,
                content_type=state.content_type,
                size_bytes=state.size_bytes,
                digest=state.digest,
                saved_ns=now_ns,
            )
        )

    def find(self, run: str, phase: int | None, agent: str, tag: str) -> BrainState | None:
        """See `BrainStateStore.find`."""
        statement = select(BRAIN_STATES).where(_C.run == run, _C.agent == agent)
        if phase is not None:
            statement = statement.where(_C.phase == phase)
        if tag:
            statement = statement.where(_C.tag == tag)
        statement = statement.order_by(_C.number.desc()).limit(1)
        row = self._connection.execute(statement).mappings().one_or_none()
        return None if row is None else _state(row)

    def list(self, run: str) -> builtins.list[BrainState]:
        """See `BrainStateStore.list`."""
        statement = select(BRAIN_STATES).where(_C.run == run).order_by(_C.number)
        return [_state(row) for row in self._connection.execute(statement).mappings()]

    def uses(self, run: str, digest: bytes) -> bool:
        """See `BrainStateStore.uses`."""
        statement = select(_C.number).where(_C.run == run, _C.digest == digest).limit(1)
        return self._connection.execute(statement).one_or_none() is not None


def _state(row: RowMapping) -> BrainState:
    contains = tuple(
        EpisodeKey(phase, Mode(mode), rollout, episode) for phase, mode, rollout, episode in json.loads(row["contains"])
    )
    return BrainState(
        run=row["run"],
        epoch=row["epoch"],
        phase=row["phase"],
        agent=row["agent"],
        tag=row["tag"],
        contains=contains,
        policy_version=row["policy_version"],
        content_type=row["content_type"],
        size_bytes=row["size_bytes"],
        digest=row["digest"],
    )
