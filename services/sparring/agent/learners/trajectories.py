"""Rows of experience as trajectories of one policy, and how much better than expected each of their steps was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparring.agent.memory_row import Row
from sparring.types.declaration import FreeValue
from sparring.types.free_value import from_free_value
from sparring.types.values import Values

Array = NDArray[np.float64]


@dataclass(slots=True)
class Trajectory:
    """Consecutive steps of one episode under one policy.

    Attributes:
        policy: Its number; -1 if the muscle did not explore, or nobody knows.
        rows: The steps.
        final: What was read after the last of them; None if the task ended there, so that nothing follows.
        whole: The last row ends the episode.
    """

    policy: int
    rows: list[Row]
    final: Values | None = None
    whole: bool = False

    @property
    def rewards(self) -> Array:
        """The agent's objective, step by step; 0 where it had nothing to say."""
        return np.array([_total(row.objective) for row in self.rows])


def trajectories(rows: Iterable[Row], acting: dict[str, int]) -> list[Trajectory]:
    """Sort rows of several muscles into trajectories, in the order in which these begin.

    A muscle says the number of its policy in its first step, and whenever it has another one. The last row of a muscle
    is left out if nobody knows yet what came after it.

    Args:
        rows: In the order in which they were experienced.
        acting: Numbers of the policies by muscle, as far as known from rows before; brought up to date.
    """
    found: list[Trajectory] = []
    running: dict[str, Trajectory] = {}
    for row in rows:
        tag = row.tag
        if row.data is not None:
            said = from_free_value(row.data) if isinstance(row.data, FreeValue) else row.data
            acting[tag] = int(said)
            running.pop(tag, None)
        if tag not in running:
            running[tag] = Trajectory(acting.get(tag, -1), [])
            found.append(running[tag])
        running[tag].rows.append(row)
        if row.done:
            running.pop(tag)
    for each in found:
        _finish(each)
    return [each for each in found if each.rows]


def _total(objective: Array) -> float:
    """Return an objective as one number."""
    if objective.size == 1 and (only := float(objective[0])) == only:
        return only
    return float(np.nansum(objective))


def _finish(trajectory: Trajectory) -> None:
    last = trajectory.rows[-1]
    trajectory.whole = last.done
    if last.terminated:
        return
    if last.next_readings is None:
        trajectory.rows.pop()
        trajectory.whole = False
        trajectory.final = last.readings
    else:
        trajectory.final = last.next_readings


def advantages(rewards: Array, values: Array, final: float, discount: float, decay: float) -> Array:
    """Return the generalised advantage of each step (Schulman et al. 2016, arXiv:1506.02438, equation 16).

    Args:
        rewards: Of each step.
        values: What was expected from each step on.
        final: What is expected after the last one; 0 if nothing follows.
        discount: Gamma, the worth of a reward one step later.
        decay: Lambda, how far ahead rewards count for themselves.
    """
    surprises = (rewards + discount * np.append(values[1:], final) - values).tolist()
    carried = 0.0
    for step in range(len(surprises) - 1, -1, -1):
        carried = surprises[step] + discount * decay * carried
        surprises[step] = carried
    return np.array(surprises)
