"""Checks of simulated time: lengths, direction, and when the environment wants to be updated next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sparring.conformance.findings import Violation

_LISTS: Final = ("ticks", "timestamps_ns")


class Clocks:
    """The times of all lanes of one session.

    Args:
        lanes: How many.
        timed: Whether level `time` is tested.
    """

    def __init__(self, lanes: int, timed: bool) -> None:
        self._lanes = lanes
        self._timed = timed
        self._last: dict[tuple[str, int], int] = {}

    def forget(self, moving: Sequence[bool]) -> None:
        """Begin new episodes."""
        self._last = {key: value for key, value in self._last.items() if not moving[key[1]]}

    def check(self, message: Any, moving: Sequence[bool], sent: str) -> None:
        """Check `time` and `next_update` of an answer.

        Raises:
            Violation: ENV-TIM-1, ENV-TIM-2, ENV-TIM-3.
        """
        now = self._times(message.time, "time", "ENV-TIM-1", sent)
        for name, times in now.items():
            for lane, value in enumerate(times):
                before = self._last.get((name, lane), value)
                if value < before:
                    raise Violation("ENV-TIM-1", sent, f"{name} {value} in lane {lane}, after {before} in this episode")
                self._last[name, lane] = value
        if self._timed:
            self._check_timed(message, now, moving, sent)

    def _check_timed(self, message: Any, now: dict[str, list[int]], moving: Sequence[bool], sent: str) -> None:
        if not now:
            raise Violation("ENV-TIM-2", sent, "an answer with neither ticks nor timestamps")
        if not message.HasField("next_update"):
            return
        due = self._times(message.next_update, "next_update", "ENV-TIM-3", sent)
        for name, times in due.items():
            if name not in now:
                raise Violation("ENV-TIM-3", sent, f"next_update in {name}, while time is kept in {', '.join(now)}")
            for lane, value in enumerate(times):
                if moving[lane] and value < now[name][lane]:
                    came = f"next_update {value} in lane {lane}, while {name} is {now[name][lane]}"
                    raise Violation("ENV-TIM-3", sent, came)

    def _times(self, message: Any, what: str, rule: str, sent: str) -> dict[str, list[int]]:
        found = {name: list(getattr(message, name)) for name in _LISTS if len(getattr(message, name))}
        for name, times in found.items():
            if len(times) != self._lanes:
                raise Violation(rule, sent, f"{what} with {len(times)} {name}, in a session of {self._lanes} lane(s)")
        return found
