"""What a parent concludes from looking at a slot: all is well, its process is stopped, or it hangs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sparring.host.gauge import Reading

STOPPED_S: Final = 1.0
"""A process that is stopped for longer is lost."""
STALL_S: Final = 1.0
"""Two looks further apart mean that the parent itself stood still (a suspended machine, Ctrl-Z): that time is given."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a process has to be killed.

    Attributes:
        hung: Author code passed its deadline; otherwise the process is of no use any more, and the session lost.
        reason: UPPER_SNAKE.
        message: A clause: "update of environment 'grid' did not return within 60 s".
    """

    hung: bool
    reason: str
    message: str


class SlotWatch:
    """Judges one slot from look to look.

    Args:
        grace_s: How far past its deadline author code may be. A controller that waits across a stream notices first,
            and says so; the process is killed this much later.
    """

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._looked: float | None = None
        self._stopped_since: float | None = None
        self._call = 0
        self._given_s = 0.0
        self._overdue_before = False

    def look(self, reading: Reading, stopped: bool, now: float) -> Verdict | None:
        """Judge what is seen now.

        Args:
            reading: Of the slot's gauge.
            stopped: Whether its process is stopped.
            now: Seconds on any steady clock.
        """
        stalled_s = 0.0 if self._looked is None else now - self._looked
        stalled = stalled_s > STALL_S
        self._looked = now
        if reading.count != self._call:
            self._call, self._given_s, self._overdue_before = reading.count, 0.0, False
        if stalled:
            self._given_s += stalled_s
        if not stopped:
            self._stopped_since = None
        elif self._stopped_since is None or stalled:
            self._stopped_since = now
        if stopped:
            return self._stopped(now)
        overdue = reading.overdue_s - self._given_s > self._grace_s
        before, self._overdue_before = self._overdue_before, overdue
        if not (overdue and before):  # twice, for the writer may have been writing
            return None
        text = f"{reading.doing} did not return within {reading.allowed_s:g} s"
        return Verdict(True, "DEADLINE_PASSED", text)

    def _stopped(self, now: float) -> Verdict | None:
        since = now if self._stopped_since is None else self._stopped_since
        if now - since < STOPPED_S:
            return None
        return Verdict(False, "PROCESS_STOPPED", f"its process was stopped for {now - since:.1f} s")
