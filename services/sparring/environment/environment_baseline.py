"""What an environment is like at the beginning of an episode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.time import SimTime


@dataclass
class EnvironmentBaseline:
    """Returned by `Environment.start_environment`.

    Attributes:
        sensors_available: All sensors, with their readings at the beginning. Their order is the packing order.
        actuators_available: All actuators; their values are not used.
        simtime: Simulated time at the beginning.
        static_world_model: What agents may be told once about the world, if anything; `to_free_value` says what it can
            be.
        rewards_available: The rewards that `update` will return, as far as they are known; their values are not used.
            Others are announced when `update` first returns them.
        tick_ns: Length of one tick of simulated time in nanoseconds, if it has one.
        next_update: When the environment first wants to be updated; None: at every step.
    """

    sensors_available: Sequence[SensorInformation]
    actuators_available: Sequence[ActuatorInformation]
    simtime: SimTime | None = field(default_factory=lambda: SimTime(simtime_ticks=1))
    static_world_model: Any = None
    rewards_available: Sequence[RewardInformation] = ()
    tick_ns: int | None = None
    next_update: SimTime | None = None
