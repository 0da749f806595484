"""Where each rollout worker is, and whether it moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sparring.cli.access.records import ProgressRecord
from sparring.cli.access.standing import Standing, Track

Doing = Literal["done", "plays", "still", "between", "unknown"]

STILL_S: Final = 2.0
"""Progress is told once a second; who has been seen to stand still for less may just be slow to tell."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """A rollout worker.

    Attributes:
        rollout: its number.
        committed: its episodes.
        episodes: how many it plays at most; None if that depends on results.
        doing: `still`: in one step for a while; `between`: its episode is committed, and it waits to be told how to go
            on; `unknown`: it does not tell, or was not looked at for long enough.
        still_s: for how long it has been seen where it is.
        progress: what it told last.
    """

    rollout: int
    committed: int
    episodes: int | None
    doing: Doing
    still_s: float = 0.0
    progress: ProgressRecord | None = None


def rollouts_of(standing: Standing) -> tuple[Rollout, ...]:
    """Return the rollout workers of the current phase."""
    phase = standing.phase
    if phase is None:
        return ()
    return tuple(_rollout(standing, number, phase.episodes) for number in range(phase.workers))


def _rollout(standing: Standing, number: int, episodes: int | None) -> Rollout:
    track = Track(standing.run.phase, number)
    committed, movement = standing.committed.get(track, 0), standing.movements.get(track)
    if episodes is not None and committed >= episodes:
        return Rollout(number, committed, episodes, "done")
    if movement is None:
        return Rollout(number, committed, episodes, "unknown")
    still_s, progress = movement.still_s, movement.progress
    doing: Doing = "plays" if movement.moved else "unknown"
    if still_s >= STILL_S:
        doing = "between" if committed > progress.episode else "still"
    return Rollout(number, committed, episodes, doing, still_s, progress)
