"""STOPPING_SIMULATION: rollout workers are being ended."""

from __future__ import annotations

from sparring.governor.phase_events import BrainOver
from sparring.governor.rollout_frames import Cause
from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.types.errors import LostError


class StoppingSimulation(State):
    """Lets every rollout worker end with its running episode; what is lost now is not played again."""

    name = StateName.STOPPING_SIMULATION

    @property
    def message(self) -> str:
        """Say why the phase is over."""
        verdict = self.governor.course.active.course.verdict
        return "" if verdict is None else f"{verdict.reason}: {verdict.detail}"

    async def run(self) -> None:
        """End them."""
        active = self.governor.course.active
        await active.stop_rollouts()
        over, active.over = active.over, []
        for one in over:
            hung = isinstance(one, BrainOver) and not isinstance(one.error, LostError)
            failed = not isinstance(one, BrainOver) and one.cause is Cause.FAILED
            if (hung or failed) and one.error is not None:
                raise one.error

    def next_state(self) -> StateName:
        """Go on."""
        return StateName.STOPPING_RUN
