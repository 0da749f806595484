"""The request to begin another episode, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparring.types.information import ActuatorInformation, SensorInformation
from sparring.types.time import SimTime


@dataclass(frozen=True)
class EnvironmentResetRequest:
    """Given to `Environment.reset`.

    Attributes:
        seed: The new episode's; `self.rng` has been made of it already.
    """

    seed: int


@dataclass
class EnvironmentResetResponse:
    """Returned by `Environment.reset`: as `EnvironmentBaseline`, whose uids, order and spaces it must repeat.

    Attributes:
        sensors: All sensors, with their readings at the beginning of the episode.
        actuators: All actuators.
        simtime: Simulated time; None: as at the beginning of the first episode.
        create_new_instance: The object cannot go on: make a new one and start that instead. The rest is not used then.
        next_update: When the environment first wants to be updated; None: at every step.
    """

    sensors: Sequence[SensorInformation] = ()
    actuators: Sequence[ActuatorInformation] = ()
    simtime: SimTime | None = None
    create_new_instance: bool = False
    next_update: SimTime | None = None
