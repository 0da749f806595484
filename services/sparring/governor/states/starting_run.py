"""STARTING_RUN: rollout workers are being started."""

from __future__ import annotations

import asyncio

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.types.errors import DeadlineError


class StartingRun(State):
    """Sends the rollout workers their plans, and waits until one of them plays."""

    name = StateName.STARTING_RUN
    on_error = StateName.ERROR_HANDLING_STARTING

    @property
    def message(self) -> str:
        """Say what is waited for."""
        return "starting environments and muscles"

    async def run(self) -> None:
        """Start them."""
        active = self.governor.course.active
        await self.governor.heed_pause()  # who holds from the beginning plays no step
        await active.start_rollouts()
        timeouts = active.phase.timeouts
        patience_s = 2 * timeouts.start_s + timeouts.think_s + self.governor.limits.started_s
        try:
            async with asyncio.timeout(patience_s):
                while not (active.started or active.over or active.finished):
                    await active.next_event()
        except TimeoutError:
            raise DeadlineError(
                "ROLLOUT_NOT_STARTED", f"No rollout worker has started within {patience_s:g} s.", timeout_s=patience_s
            ) from None
        for over in active.ended:
            if over.error is not None:
                raise over.error

    def next_state(self) -> StateName:
        """Go on; whoever has ended already is looked at first."""
        return self.governor.course.active.following()
