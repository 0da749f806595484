"""FINALIZING and DONE: how the run ends."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class Finalizing(State):
    """Nothing is held any more.

    With the transition to DONE the run gets its last status, and from the store its digests.
    """

    name = StateName.FINALIZING
    on_error = StateName.DONE
    interruptible = False

    async def run(self) -> None:
        """Nothing: the store makes the summary with the transition."""

    def next_state(self) -> StateName:
        """Be done."""
        return StateName.DONE


class Done(State):
    """Nothing more will happen."""

    name = StateName.DONE
    on_error = StateName.DONE
    interruptible = False

    @property
    def message(self) -> str:
        """Say how it ended."""
        return self.governor.summary

    async def run(self) -> None:
        """Nothing."""

    def next_state(self) -> StateName:
        """Stay."""
        return StateName.DONE
