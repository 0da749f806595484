"""Simulation controllers: who acts in a step. Environments are updated after every step, whoever acted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sparring.types.declaration import Component
from sparring.types.errors import NotFoundError


class SimulationController(Protocol):
    """Decides who acts. Pure: the same step of the same number of agents has the same answer."""

    def acting(self, step: int, agents: int) -> tuple[int, ...]:
        """Return the numbers of the agents that act in `step` (from 0), in their order of acting."""


class VanillaSimulationController:
    """All agents act at the same time, on the same readings.

    Then the environments that are due are updated with all their setpoints.
    """

    def acting(self, step: int, agents: int) -> tuple[int, ...]:
        """Everybody."""
        return tuple(range(agents))


class TakingTurnsSimulationController:
    """One agent acts, the environments are updated with its setpoints; then the next agent, in document order.

    An agent sees the rewards of the steps in which it acted.
    """

    def acting(self, step: int, agents: int) -> tuple[int, ...]:
        """One after the other."""
        return (step % agents,)


CONTROLLERS: Mapping[str, Callable[[], SimulationController]] = {
    "vanilla": VanillaSimulationController,
    "taking_turns": TakingTurnsSimulationController,
    "sparring.simulation:VanillaSimulationController": VanillaSimulationController,
    "sparring.simulation:TakingTurnsSimulationController": TakingTurnsSimulationController,
}


def make_controller(component: Component) -> SimulationController:
    """Make the controller that a plan names.

    Raises:
        NotFoundError: CONTROLLER_UNKNOWN, listing those that there are.
    """
    maker = CONTROLLERS.get(component.name or "vanilla")
    if maker is None:
        raise NotFoundError(
            "CONTROLLER_UNKNOWN",
            f"There is no simulation controller {component.name!r}; there are {', '.join(CONTROLLERS)}.",
            controller=component.name,
        )
    return maker()
