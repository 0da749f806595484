"""What is drawn of a run: returns, objectives and lengths of its phases, each with a running mean. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sparring.cli.plotting.gathering import Columns, GatheredPhase, Gathering

RETURN: Final = "return"
LENGTH: Final = "length"
SMALLEST_WINDOW: Final = 5
LARGEST_WINDOW: Final = 100

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Track:
    """Values of some episodes of one phase.

    Attributes:
        at: where they stand: the number of the episode, and its rollout worker as a fraction. Ascending.
        values: NaN where there is none.
        means: running mean, over at most `window` episodes up to each one.
        window: how many episodes.
    """

    at: Numbers
    values: Numbers
    means: Numbers
    window: int

    @property
    def mean(self) -> float:
        """Of all values; NaN if there is none."""
        known = self.values[np.isfinite(self.values)]
        return float(known.mean()) if len(known) else float("nan")

    @property
    def first(self) -> float:
        """Mean of the first `window` episodes."""
        return float(self.means[min(self.window, len(self.means)) - 1]) if len(self.means) else float("nan")

    @property
    def last(self) -> float:
        """Mean of the last `window` episodes."""
        return float(self.means[-1]) if len(self.means) else float("nan")


@dataclass(frozen=True, slots=True)
class PhaseCurve:
    """One quantity in one phase; both tracks may be empty."""

    episodes: Track
    evaluations: Track


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity over all phases.

    Attributes:
        kind: `return`, `objective` or `length`.
        agents: whose objective it is; of a return: whose objective is just that.
        phases: as many as the curves have.
    """

    kind: str
    agents: tuple[str, ...]
    phases: tuple[PhaseCurve, ...]


@dataclass(frozen=True, slots=True)
class PhaseFacts:
    """What stands above a phase."""

    number: int
    name: str
    mode: str
    episodes: int
    evaluations: int
    rollouts: int
    window: int


@dataclass(frozen=True, slots=True)
class Curves:
    """All phases of a run, and all quantities: the return first, the length last."""

    phases: tuple[PhaseFacts, ...]
    quantities: tuple[Quantity, ...]


def curves_of(gathering: Gathering) -> Curves:
    """Return the curves of the episodes gathered so far."""
    phases = [_Ordered(phase) for phase in gathering.phases]
    agents = dict.fromkeys(agent for phase in phases for agent in phase.agents)
    returns = tuple(phase.curve(lambda columns: columns.returns) for phase in phases)
    same: list[str] = []
    others: list[Quantity] = []
    for agent in agents:
        made = tuple(phase.objective(agent) for phase in phases)
        if _equal(made, returns):
            same.append(agent)
        else:
            others.append(Quantity("objective", (agent,), made))
    lengths = tuple(phase.curve(lambda columns: columns.steps) for phase in phases)
    return Curves(
        tuple(phase.facts for phase in phases),
        (Quantity(RETURN, tuple(same), returns), *others, Quantity(LENGTH, (), lengths)),
    )


def window_of(episodes: int) -> int:
    """Return over how many episodes the running mean of a phase goes: a tenth of them, but neither few nor many."""
    return min(LARGEST_WINDOW, max(SMALLEST_WINDOW, episodes // 10))


def running_mean(values: Numbers, window: int) -> Numbers:
    """Return the mean of the last `window` values at each one; what is not finite does not count."""
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    end = np.arange(1, len(values) + 1)
    begin = np.maximum(end - window, 0)
    number = counts[end] - counts[begin]
    total = sums[end] - sums[begin]
    means: Numbers = np.divide(total, number, out=np.full(len(values), np.nan), where=number > 0)
    return means


class _Ordered:
    """A phase whose episodes stand in learning order: by episode, then by rollout worker."""

    def __init__(self, phase: GatheredPhase) -> None:
        self._phase = phase
        self._rollouts = len({*phase.episodes.rollout, *phase.evaluations.rollout})
        self._window = window_of(len(phase.episodes))
        self._order, self._at = self._places(phase.episodes)
        # Evaluations stand where the phase was when they were committed.
        done = np.sort(_numbers(phase.episodes.committed))
        when = _numbers(phase.evaluations.committed)
        self._evaluation_order = np.argsort(when, kind="stable")
        reached = np.searchsorted(done, when[self._evaluation_order], side="right") - 1
        self._evaluated_at = self._at[np.maximum(reached, 0)] if len(self._at) else reached.astype(np.float64)

    @property
    def agents(self) -> Iterable[str]:
        return (*self._phase.episodes.objectives, *self._phase.evaluations.objectives)

    @property
    def facts(self) -> PhaseFacts:
        phase = self._phase
        return PhaseFacts(
            phase.number,
            phase.name,
            phase.mode,
            len(phase.episodes),
            len(phase.evaluations),
            self._rollouts,
            self._window,
        )

    def objective(self, agent: str) -> PhaseCurve:
        return self.curve(lambda columns: columns.objectives.get(agent))

    def curve(self, choose: _Choose) -> PhaseCurve:
        return PhaseCurve(
            _track(choose(self._phase.episodes), self._order, self._at, self._window),
            _track(
                choose(self._phase.evaluations),
                self._evaluation_order,
                self._evaluated_at,
                window_of(len(self._phase.evaluations)),
            ),
        )

    def _places(self, columns: Columns) -> tuple[NDArray[np.intp], Numbers]:
        rollout, episode = _numbers(columns.rollout), _numbers(columns.episode)
        order = np.lexsort((rollout, episode))
        return order, episode[order] + rollout[order] / max(float(rollout.max(initial=0.0)) + 1.0, 1.0)


class _Choose(Protocol):
    """Typing only: a column of some episodes, None where it is not there."""

    def __call__(self, columns: Columns) -> array[float] | None: ...


def _track(column: array[float] | None, order: NDArray[np.intp], at: Numbers, window: int) -> Track:
    values = np.full(len(order), np.nan) if column is None else _numbers(column)[order]
    return Track(at, values, running_mean(values, window), window)


def _numbers(column: Sequence[float]) -> Numbers:
    return np.array(column, dtype=np.float64)


def _equal(one: Sequence[PhaseCurve], other: Sequence[PhaseCurve]) -> bool:
    return all(
        np.allclose(left.values, right.values, rtol=1e-9, atol=1e-9, equal_nan=True)
        for first, second in zip(one, other, strict=True)
        for left, right in ((first.episodes, second.episodes), (first.evaluations, second.evaluations))
    )
