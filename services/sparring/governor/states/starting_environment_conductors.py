"""STARTING_ENVIRONMENT_CONDUCTORS: environments are being placed."""

from __future__ import annotations

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.types.plan import FixedAddress, Grant, Inline, Place


class StartingEnvironmentConductors(State):
    """Gives each environment its place. They start with their rollout worker, which holds their sessions."""

    name = StateName.STARTING_ENVIRONMENT_CONDUCTORS
    on_error = StateName.ERROR_HANDLING_STARTING

    @property
    def message(self) -> str:
        """Say where they run."""
        places = self.governor.course.active.environment_places()
        return "; ".join(f"{uid} {_where(place)}" for uid, place in places)

    async def run(self) -> None:
        """See that each has one: the bundle is there, so there is nothing to wait for."""
        self.governor.course.active.environment_places()

    def next_state(self) -> StateName:
        """Go on."""
        return StateName.STARTING_AGENT_CONDUCTORS


def _where(place: Place) -> str:
    match place:
        case Inline():
            return "inline"
        case FixedAddress(address=address):
            return f"at {address}"
        case Grant(worker_id=worker):
            return f"at worker {worker}"
