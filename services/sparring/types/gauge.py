"""Gauge: what a slot's process shows its parent about author code, so that a hung one is found by its deadline."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol


class Work(IntEnum):
    """What author code is doing; the deadline of each is in `Timeouts`."""

    START = 1
    """Constructing and starting an instance (`start_s`)."""
    RESET = 2
    """Beginning an episode (`reset_s`)."""
    STEP = 3
    """One update or one act (`step_s`)."""
    THINK = 4
    """One call of objective and brain, or one save or load of a brain (`think_s`)."""


class Gauge(Protocol):
    """Written by the slot's own thread around every call of author code; never nested."""

    def begin(self, kind: Work, component: str, deadline_s: float) -> None:
        """Author code of `component` (an environment's or agent's name) begins and has `deadline_s` seconds."""

    def end(self) -> None:
        """It has returned or raised."""


class NoGauge:
    """A gauge that nobody reads."""

    def begin(self, kind: Work, component: str, deadline_s: float) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


NO_GAUGE = NoGauge()
