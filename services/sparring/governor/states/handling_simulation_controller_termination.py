"""HANDLING_SIMULATION_CONTROLLER_TERMINATION: a rollout worker has ended."""

from __future__ import annotations

from sparring.governor.phase_events import StintOver
from sparring.governor.rollout_frames import Cause
from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.types.errors import InternalError, LostError


class HandlingSimulationControllerTermination(State):
    """Finds out whether it ended as it should; if it failed, the run does."""

    name = StateName.HANDLING_SIMULATION_CONTROLLER_TERMINATION

    @property
    def message(self) -> str:
        """Say who."""
        ended = self.governor.course.active.ended
        return "; ".join(f"rollout worker {over.rollout}: {over.cause.value}" for over in ended)

    async def run(self) -> None:
        """Look at each."""
        active = self.governor.course.active
        for over in active.ended:
            active.over.remove(over)
            if over.cause is Cause.FAILED:
                raise over.error or InternalError("ROLLOUT_FAILED", f"Rollout worker {over.rollout} failed silently.")
            if not active.course.over(over.rollout):
                text = f"Rollout worker {over.rollout} ended before its time."
                active.over.append(StintOver(over.rollout, Cause.LOST, LostError("ROLLOUT_ENDED_EARLY", text)))

    def next_state(self) -> StateName:
        """Go on with the others, or end the phase."""
        return self.governor.course.active.following()
