"""STARTING_SETUP: everything of all phases is described and checked."""

from __future__ import annotations

from sparring.governor.placement import decide_placement
from sparring.governor.run_record import StateName
from sparring.governor.setup import check_sources, describe_run
from sparring.governor.states.base import State


class StartingSetup(State):
    """Asks all hosts what the document's components are, before anything starts, and decides where they run."""

    name = StateName.STARTING_SETUP
    on_error = StateName.ERROR_HANDLING_STARTING

    @property
    def message(self) -> str:
        """Say what is done."""
        return "describing environments and agents of all phases"

    async def run(self) -> None:
        """Describe, check, place."""
        course, ports = self.governor.course, self.governor.ports
        course.descriptions = await describe_run(course.run, ports.describer)
        await check_sources(course.run, self.governor.owned.run, ports.store)
        announced = await ports.broker.announced()
        course.placements = [decide_placement(phase, course.placement, announced) for phase in course.run.phases]

    def next_state(self) -> StateName:
        """Go on with the phase that the run is in."""
        return StateName.STARTING_SIMULATION_CONTROLLERS
