"""STARTING_SIMULATION_CONTROLLERS: bundles are being acquired."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class StartingSimulationControllers(State):
    """Opens the phase: looks up what is committed of it already, and waits for its first bundle."""

    name = StateName.STARTING_SIMULATION_CONTROLLERS
    on_error = StateName.ERROR_HANDLING_STARTING

    @property
    def message(self) -> str:
        """Say what is waited for."""
        phase = self.governor.course.phase
        who = "a rollout worker" if phase.workers == 1 else f"{phase.workers} rollout workers"
        return f"phase {phase.number} ({phase.name}): waiting for the slots of {who}"

    async def run(self) -> None:
        """Open the phase and wait for its first bundle; the other rollout workers wait beside."""
        active = await self.governor.course.open_phase()
        await active.acquire()

    def next_state(self) -> StateName:
        """Go on."""
        return StateName.STARTING_ENVIRONMENT_CONDUCTORS
