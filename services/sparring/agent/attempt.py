"""An episode of one lane, as far as a brain has heard of it."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.agent.memory import Memory
from sparring.agent.memory_row import NOTHING, Row
from sparring.agent.objective import Objective
from sparring.types.author_code import AUTHOR_FAULTS, author_error
from sparring.types.gauge import Gauge


class Attempt:
    """One attempt at an episode: its objective, and its steps as long as they have not been learned from.

    Args:
        agent: The agent's name.
        episode: The episode's number.
        tag: The muscle.
        objective: Made for this attempt.
        objectives_needed: How many of the last objectives somebody looks at.

    Attributes:
        episode: As given.
        tag: As given.
        steps: How many were heard of.
        rows: Those that were not learned from yet.
        last: The last one.
        over: The environment ended the episode.
        ended: The end was heard of; nothing more comes.
        recent: The last objectives, without those that said nothing.
    """

    def __init__(self, agent: str, episode: int, tag: str, objective: Objective, objectives_needed: int) -> None:
        self.episode = episode
        self.tag = tag
        self.steps = 0
        self.rows: list[Row] = []
        self.last: Row | None = None
        self.over = False
        self.ended = False
        self.recent: deque[float] = deque(maxlen=objectives_needed)
        self._agent = agent
        self._objective = objective
        self._memory = Memory(size_limit=100_000)

    def judge(self, row: Row, gauge: Gauge, deadline_s: float) -> float:
        """Take the next step; return the objective as one number, NaN if it has nothing to say.

        Raises:
            AuthorError: The objective raised, or returned no number.
        """
        self.steps += 1
        self.over = row.done
        self.last = row
        memory = self._memory
        memory.add(row)
        component = f"agent {self._agent!r}"
        gauge.begin("objective", component, deadline_s)
        try:
            row.objective = _numbers(self._objective.internal_reward(memory))
        except AUTHOR_FAULTS as error:
            raise author_error(
                error,
                component,
                "internal_reward of its objective",
                self._objective,
                self.steps,
                agent=self._agent,
                part="objective",
                episode=self.episode,
            ) from error
        finally:
            gauge.end()
        if not row.objective.size:
            return math.nan
        value = float(row.objective.sum())
        if not math.isnan(value):
            self.recent.append(value)
        return value


def _numbers(value: Any) -> NDArray[np.float64]:
    """Return an objective as an array of numbers; None is none at all."""
    if value is None:
        return NOTHING
    if type(value) is float or type(value) is int:
        return np.array([value], np.float64)
    array = np.asarray(value)
    if array.dtype == object and all(each is None for each in array.reshape(-1)):
        return NOTHING
    if array.dtype.kind not in "fiub":
        raise TypeError(f"it returned {type(value).__name__}; expected a number, an array of numbers, or None")
    return np.atleast_1d(array.astype(np.float64)).reshape(-1)
