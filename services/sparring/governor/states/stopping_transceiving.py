"""STOPPING_TRANSCEIVING: what is still open is being closed."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class StoppingTransceiving(State):
    """Cancels what still plays, ends the brains, and gives everything back; what does not end in time is taken away."""

    name = StateName.STOPPING_TRANSCEIVING
    on_error = StateName.FINALIZING
    interruptible = False

    async def run(self) -> None:
        """Close."""
        await self.governor.close_phase()

    def next_state(self) -> StateName:
        """End."""
        return StateName.FINALIZING
