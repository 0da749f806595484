"""PRISTINE: nothing has happened."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class Pristine(State):
    """Waits for a run, if none was given; from here on the lease is kept."""

    name = StateName.PRISTINE
    on_error = StateName.ERROR_HANDLING_INITIALIZING
    interruptible = False

    async def run(self) -> None:
        """Become the owner of a run."""
        await self.governor.claim()

    def next_state(self) -> StateName:
        """Go on; a run that was failing already when its owner was lost only has its end to come."""
        return StateName.FINALIZING if self.governor.failed else StateName.INITIALIZING
