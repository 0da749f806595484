"""Gauge: what a slot's process shows its parent about author code, so that a hung one is found by its deadline."""

from __future__ import annotations

from typing import Protocol


class Gauge(Protocol):
    """Written by the slot's own thread around every call of author code; never nested."""

    def begin(self, kind: str, component: str, deadline_s: float) -> None:
        """Say that author code begins.

        Args:
            kind: What it does: start, reset, update, act, think, save, load or shutdown.
            component: Whose it is: "environment 'grid'", "agent 'defender'".
            deadline_s: How many seconds it has.
        """

    def end(self) -> None:
        """Say that it has returned or raised."""


class NoGauge:
    """A gauge that nobody reads."""

    def begin(self, kind: str, component: str, deadline_s: float) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


NO_GAUGE = NoGauge()
