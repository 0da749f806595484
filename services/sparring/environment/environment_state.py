"""What an environment is like after an update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sparring.types.errors import InvalidArgumentError
from sparring.types.information import RewardInformation, SensorInformation
from sparring.types.time import SimTime


@dataclass
class EnvironmentState:
    """Returned by `Environment.update`.

    Attributes:
        sensor_information: Readings, in any order. A sensor that is left out has no reading this time.
        rewards: What the update brought, in any order.
        done: Whether the episode is over. Can be left out where `terminated` or `truncated` is given.
        world_state: What else there is to know, for the store and for people, never for agents; `to_free_value` says
            what it can be.
        simtime: Simulated time now. None: one tick after the update before.
        terminated: Whether the task itself has ended.
        truncated: Whether the episode was cut short, by a time limit for instance. Where neither is given, `done` means
            terminated.
        next_update: When the environment next wants to be updated; None: at the next step.

    Raises:
        InvalidArgumentError: STATE_CONTRADICTORY, for terminated and truncated together, or one of them without done.
    """

    sensor_information: Sequence[SensorInformation]
    rewards: Sequence[RewardInformation] | RewardInformation
    done: bool | None = None
    world_state: Any = None
    simtime: SimTime | None = None
    terminated: bool | None = None
    truncated: bool | None = None
    next_update: SimTime | None = None

    def __post_init__(self) -> None:
        if self.done is None:
            self.done = bool(self.terminated or self.truncated)
        self.ends()

    def ends(self) -> tuple[bool, bool]:
        """Return whether the episode is terminated, and whether it is truncated; never both.

        Raises:
            InvalidArgumentError: STATE_CONTRADICTORY, as above.
        """
        done, terminated, truncated = self.done, self.terminated, self.truncated
        if not done and not terminated and not truncated:
            return False, False
        problem = ""
        if terminated and truncated:
            problem = "an episode is either terminated or truncated, not both"
        elif not done:
            problem = f"done is {done}, yet the episode is {'terminated' if terminated else 'truncated'}"
        elif not terminated and not truncated and terminated is not None and truncated is not None:
            problem = "done is true, yet the episode is neither terminated nor truncated"
        if problem:
            raise InvalidArgumentError(
                "STATE_CONTRADICTORY",
                f"An EnvironmentState contradicts itself: {problem}.",
                done=done,
                terminated=terminated,
                truncated=truncated,
            )
        if terminated is None and truncated is None:
            return True, False
        return (True, False) if terminated or truncated is False else (False, True)
