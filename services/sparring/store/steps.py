"""Steps as they are kept: pieces of episodes, each of rows that lie alike."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.store.episodes import LateRewards
from sparring.types.episode import StepRows


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive rows of one episode.

    Attributes:
        steps: the rows.
        late: all rewards declared late in this episode that its rows hold.
    """

    steps: StepRows
    late: tuple[LateRewards, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of everything in it, roughly."""
        steps = self.steps
        told = [value for _, _, value in steps.world_states] + [
            each for agent in steps.agents for each in agent.data if each
        ]
        return len(steps.rows) + sum(map(len, steps.texts)) + sum(len(value.data) for value in told)
