"""One measured value, as it is printed and written to build/bench.json; rounds interleaved, medians reported."""

from __future__ import annotations

import contextlib
import os
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A value.

    Attributes:
        measure: What was measured.
        value: The median over all rounds.
        unit: Of the value.
        goal: What it should be, such as ">= 0.8"; empty if there is no goal.
        peer: What it was measured against in the same run; empty for absolute values.
        rounds: How many rounds.
    """

    measure: str
    value: float
    unit: str
    goal: str
    peer: str
    rounds: int

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if not self.goal:
            return None
        relation, _, bound = self.goal.partition(" ")
        return self.value >= float(bound) if relation == ">=" else self.value <= float(bound)


def interleaved(candidates: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure every candidate once per round, in an order shuffled anew each time."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    order = random.Random(1)
    for _ in range(rounds):
        for name in order.sample(list(candidates), len(candidates)):
            taken[name].append(candidates[name]())
    return taken


def ratio(taken: Mapping[str, Sequence[float]], of: str, to: str) -> float:
    """Return the median of the rounds' ratios."""
    return statistics.median(mine / theirs for mine, theirs in zip(taken[of], taken[to], strict=True))


@contextlib.contextmanager
def pinned() -> Iterator[None]:
    """Keep this process, and all that it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
