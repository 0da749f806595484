"""Simulated time of the lanes of a session: what is kept, and what an environment that says nothing means."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.environment.lane import Moment
from sparring.types.frames import LaneTimes
from sparring.types.time import SimTime


class LaneClock:
    """The time of each lane. A lane that says nothing is one tick further after an update, if ticks are kept at all."""

    def __init__(self, lanes: int) -> None:
        self._ticks: list[int | None] = [None] * lanes
        self._stamps: list[int | None] = [None] * lanes

    def begin(self, lane: int, moment: Moment) -> None:
        """Set the time at the beginning of an episode."""
        self._ticks[lane], self._stamps[lane] = _split(moment)

    def advance(self, lane: int, moment: Moment) -> None:
        """Set the time after an update."""
        if moment is None:
            ticks = self._ticks[lane]
            self._ticks[lane] = None if ticks is None else ticks + 1
            self._stamps[lane] = None
        else:
            self._ticks[lane], self._stamps[lane] = _split(moment)

    def times(self) -> LaneTimes:
        """Return the times of all lanes."""
        return LaneTimes(_column(self._ticks), _column(self._stamps))

    def due(self, wishes: Sequence[Moment]) -> LaneTimes | None:
        """Return when the lanes want to be updated next; None if none of them says. Who says nothing is due now."""
        if wishes.count(None) == len(wishes):
            return None
        ticks, stamps = self._ticks.copy(), self._stamps.copy()
        for lane, wish in enumerate(wishes):
            if wish is not None:
                ticks[lane], stamps[lane] = _split(wish)
        return LaneTimes(_column(ticks), _column(stamps))


def _split(moment: Moment) -> tuple[int | None, int | None]:
    if moment is None:
        return None, None
    if isinstance(moment, SimTime):
        return moment.simtime_ticks, moment.timestamp_ns
    return int(moment), None


def _column(times: list[int | None]) -> tuple[int, ...]:
    """Return the times of all lanes; nothing if one of them has none."""
    return () if None in times else tuple(times)  # type: ignore[arg-type]
