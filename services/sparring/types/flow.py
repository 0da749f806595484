"""Flow control: how far a termination condition wants the simulation to stop."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class SimulationFlowControl(IntEnum):
    """What happens at the next step boundary. The numbers are an order: of several wishes the highest wins."""

    CONTINUE = 0
    """Go on."""
    PAUSE = 1
    """Hold the rollout worker; its sessions stay leased."""
    RESET = 2
    """End the episode; the next one begins in the same sessions."""
    RESTART = 3
    """End the episode; the next one begins in new sessions."""
    STOP_SIMULATION = 4
    """End this rollout worker's part of the phase."""
    STOP_PHASE = 5
    """End the phase, for all rollout workers."""
    SHUTDOWN = 6
    """End the run."""

    @property
    def ends_episode(self) -> bool:
        """Whether the episode being played ends."""
        return self >= SimulationFlowControl.RESET


def combine(wishes: Iterable[SimulationFlowControl]) -> SimulationFlowControl:
    """Return the highest of all wishes; CONTINUE if nobody wishes anything."""
    return max(wishes, default=SimulationFlowControl.CONTINUE)
