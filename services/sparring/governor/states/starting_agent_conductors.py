"""STARTING_AGENT_CONDUCTORS: brains are being started."""

from __future__ import annotations

from sparring.governor.phase_course import pace_of
from sparring.governor.run_record import StateName
from sparring.governor.states.base import State


class StartingAgentConductors(State):
    """Starts the brains; from then on it is known who learns, and so how far rollout workers may play."""

    name = StateName.STARTING_AGENT_CONDUCTORS
    on_error = StateName.ERROR_HANDLING_STARTING

    @property
    def message(self) -> str:
        """Say whose."""
        return f"brains of {', '.join(agent.name for agent in self.governor.course.phase.agents)}"

    async def run(self) -> None:
        """Start them."""
        course, active = self.governor.course, self.governor.course.active
        await active.start_brains(course.descriptions.declared(active.phase))
        pace = pace_of(active.phase, course.judge, learn=active.brains.learn, save_every=course.run.save_every)
        active.course.book.set_pace(pace)

    def next_state(self) -> StateName:
        """Go on."""
        return StateName.STARTING_RUN
