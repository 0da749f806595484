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
