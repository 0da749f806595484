"""TRANSCEIVING: episodes are being played."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class Transceiving(State):
    """Takes what rollout workers tell and answers with decisions.

    Until one of them ends, something is lost, or the phase is over.
    """

    name = StateName.TRANSCEIVING

    @property
    def message(self) -> str:
        """Say which phase."""
        phase = self.governor.course.phase
        return f"phase {phase.number} ({phase.name})"

    async def run(self) -> None:
        """Play."""
        active = self.governor.course.active
        while not (active.over or active.finished):
            await self.governor.heed_pause()
            await active.next_event()

    def next_state(self) -> StateName:
        """Go to where what has happened is handled."""
        return self.governor.course.active.following()
