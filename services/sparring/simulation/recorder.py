"""The record of an episode on its way to the store.

Rows in batches, with the agents' objectives beside them, and the digest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sparring.types.declaration import Declaration, FreeValue
from sparring.types.digest import EpisodeDigest
from sparring.types.episode import AgentRows, EpisodeSummary, StepRows
from sparring.types.frames import Acted
from sparring.types.ports import RecordSession
from sparring.types.values import Values


@dataclass(slots=True)
class _AgentColumn:
    """What one agent added to the rows that wait."""

    acted: list[bool] = field(default_factory=list)
    data: list[FreeValue | None] = field(default_factory=list)
    proposed: list[tuple[int, Values]] = field(default_factory=list)
    objectives_taken: int = 0


class EpisodeRecorder:
    """Collects rows and hands them over in batches, once the objectives that belong to them are known."""

    def __init__(
        self, session: RecordSession, digest: EpisodeDigest, agents: int, episode: int, seeds: Mapping[str, int]
    ) -> None:
        self._session = session
        self._digest = digest
        self._episode = episode
        self._rows: list[bytes] = []
        self._texts: list[str] = []
        self._worlds: list[tuple[int, int, FreeValue]] = []
        self._columns = [_AgentColumn() for _ in range(agents)]
        self._first_step = 0
        self.rows = 0
        session.begin(episode, seeds)

    def declare_rewards(
        self, environment: int, rewards: Sequence[Declaration], objectives: Sequence[Sequence[float]]
    ) -> None:
        """Announce rewards; rows so far are handed over without them."""
        self.flush(objectives)
        self._digest.declare_rewards(environment, rewards)
        self._session.declare_rewards(self._episode, environment, rewards)

    def row(self, row: bytes, texts: Sequence[str], acted: Sequence[Acted | None]) -> None:
        """Take a row, and what each agent did in it."""
        self._rows.append(row)
        if texts:
            self._texts.extend(texts)
        for column, did in zip(self._columns, acted, strict=True):
            column.acted.append(did is not None)
            column.data.append(None if did is None else did.data)
        self.rows += 1

    def propose(self, proposed: Sequence[Values | None]) -> None:
        """Take what agents proposed for the row that comes next, where that row will not hold all of it."""
        for column, values in zip(self._columns, proposed, strict=True):
            if values is not None:
                column.proposed.append((self.rows, values))

    def world_state(self, environment: int, value: FreeValue) -> None:
        """Take what an environment says about the world, with the row that comes next."""
        self._worlds.append((self.rows, environment, value))

    def flush(self, objectives: Sequence[Sequence[float]]) -> None:
        """Hand over the rows that wait.

        `objectives` are all of the episode so far, by agent, one per step in which it acted.
        """
        if not self._rows:
            return
        rows = b"".join(self._rows)
        texts = tuple(self._texts)
        self._digest.rows(rows)
        self._digest.texts(texts)
        self._session.write(
            StepRows(
                episode=self._episode,
                first_step=self._first_step,
                steps=len(self._rows),
                rows=rows,
                texts=texts,
                world_states=tuple(self._worlds),
                agents=tuple(
                    _agent_rows(number, column, said)
                    for number, (column, said) in enumerate(zip(self._columns, objectives, strict=True))
                ),
            )
        )
        self._first_step += len(self._rows)
        self._rows, self._texts, self._worlds = [], [], []

    def digest(self) -> bytes:
        """Return the digest of everything handed over."""
        return self._digest.digest()

    def commit(self, summary: EpisodeSummary) -> None:
        """Make the episode durable."""
        self._session.commit(summary, self.rows)

    def drop(self) -> None:
        """Forget the episode."""
        self._session.drop(self._episode)


def _agent_rows(number: int, column: _AgentColumn, said: Sequence[float]) -> AgentRows:
    """Cut what belongs to the waiting rows, and empty the column."""
    acted, data = tuple(column.acted), tuple(column.data)
    count = sum(acted)
    fresh = iter(said[column.objectives_taken : column.objectives_taken + count])
    objectives = tuple(next(fresh, math.nan) if did else math.nan for did in acted)
    column.objectives_taken += count
    proposed = tuple(column.proposed)
    column.acted, column.data, column.proposed = [], [], []
    return AgentRows(
        agent=number,
        objectives=objectives if any(not math.isnan(value) for value in objectives) else (),
        data=data if any(value is not None for value in data) else (),
        acted=acted,
        proposed=proposed,
    )
