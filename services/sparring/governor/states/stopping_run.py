"""STOPPING_RUN: brains are being saved and shut down, and the phase is being sealed."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class StoppingRun(State):
    """Ends the phase."""

    name = StateName.STOPPING_RUN
    _last = False

    @property
    def message(self) -> str:
        """Say what is done."""
        return f"saving brains, sealing phase {self.governor.course.phase.number} ({self.governor.course.phase.name})"

    async def run(self) -> None:
        """Save, shut down, seal, release."""
        course = self.governor.course
        await course.active.seal()
        self._last = not course.leave_phase()

    def next_state(self) -> StateName:
        """Begin the next phase, if there is one."""
        return StateName.FINALIZING if self._last else StateName.STARTING_SIMULATION_CONTROLLERS
