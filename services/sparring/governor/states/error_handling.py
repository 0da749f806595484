"""The ERROR_HANDLING states: what failed is on record, and what still runs is on its way to its end."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class ErrorHandling(State):
    """The error is durable with the transition into this state; what is left is to close everything."""

    on_error = StateName.STOPPING_TRANSCEIVING
    interruptible = False

    @property
    def message(self) -> str:
        """Say what failed."""
        return str(self.governor.errors[-1]) if self.governor.errors else ""

    async def run(self) -> None:
        """Nothing: closing has a state of its own."""

    def next_state(self) -> StateName:
        """Close what is open."""
        return StateName.STOPPING_TRANSCEIVING


class ErrorHandlingInitializing(ErrorHandling):
    """The document could not be read. Nothing was started, so nothing has to be closed."""

    name = StateName.ERROR_HANDLING_INITIALIZING

    def next_state(self) -> StateName:
        """End."""
        return StateName.FINALIZING


class ErrorHandlingStarting(ErrorHandling):
    """Something could not be started."""

    name = StateName.ERROR_HANDLING_STARTING


class ErrorHandlingTransceiving(ErrorHandling):
    """Something failed while episodes were played."""

    name = StateName.ERROR_HANDLING_TRANSCEIVING
