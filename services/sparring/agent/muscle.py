"""Muscle: the acting half of an agent, which authors write a subclass of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sparring.agent.memory import Memory
from sparring.agent.statistics import Statistics
from sparring.types.mode import Mode
from sparring.types.time import SimTime

if TYPE_CHECKING:
    from sparring.types.frames import LaneTimes
    from sparring.types.information import ActuatorInformation, SensorInformation


class Muscle(Statistics, ABC):
    """Reads sensors, proposes setpoints.

    ```python
    class Thermostat(Muscle):
        def propose_actions(self, sensors, actuators_available):
            heating = actuators_available[0]
            heating(1 if sensors[0].value < 20 else 0)
            return [heating], None
    ```

    There is one object per rollout worker and lane. After `reset` with a policy it behaves as one newly made: what
    lasts longer belongs to the brain.

    Attributes:
        rng: The source of chance, made anew from the episode's seed before `reset`.
        mode: TRAIN or TEST; evaluation is shown as TEST.
        sensors: What it will read; values are stand-ins.
        actuators: What it will set; values are stand-ins.
    """

    rng: np.random.Generator
    mode: Mode = Mode.TRAIN
    sensors: Sequence[SensorInformation] = ()
    actuators: Sequence[ActuatorInformation] = ()
    _uid: str = ""
    _memory: Memory | None = None
    _lane: int = 0
    _times: Sequence[LaneTimes] = ()
    _environments: Sequence[str] = ()

    def __init__(self) -> None:
        self._uid = ""

    @property
    def uid(self) -> str:
        """The agent's name."""
        return self._uid

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._uid

    @property
    def memory(self) -> Memory:
        """The episode's steps so far. Kept from the first time it is asked for: ask in `setup` to have them all."""
        if self._memory is None:
            self._memory = Memory(size_limit=100_000)
        return self._memory

    @property
    def simtimes(self) -> Mapping[str, SimTime]:
        """Simulated time by environment."""
        found = {}
        for uid, times in zip(self._environments, self._times, strict=False):
            ticks = times.ticks[self._lane] if times.ticks else None
            stamp = times.timestamps_ns[self._lane] if times.timestamps_ns else None
            found[uid] = SimTime(ticks, timestamp_ns=stamp)
        return found

    def setup(self) -> None:
        """Prepare, once; name, mode, sensors and actuators are known."""

    @abstractmethod
    def propose_actions(self, sensors: list[SensorInformation], actuators_available: list[ActuatorInformation]) -> Any:
        """Act.

        Also called after the last step of an episode, to show how it ended; what is returned then is discarded.

        Args:
            sensors: The readings there are, in the agent's order; yours to keep.
            actuators_available: The actuators, without values; set and return them, or others of the same uids.

        Returns:
            (setpoints, data): setpoints is a list of ActuatorInformation, those left out being left alone; or values in
            the agent's order, None leaving an actuator alone; or an array of all numbers. Data is for the brain:
            `to_free_value` says what it can be; None is nothing. Setpoints alone are understood as well.
        """

    def update(self, update: Any) -> None:
        """Take over a policy: what `Brain.thinking` returned, as `from_free_value` gives it back."""

    def reset(self) -> None:
        """Begin an episode, the first one too."""

    def prepare_model(self) -> None:
        """Prepare for acting without learning; called in TEST mode after `setup`, before the first `update`."""

    def load(self, tag: str = "") -> Any:
        """Return nothing: what a brain has learned reaches its muscles as a policy, through `update`."""
        return None

    def teardown(self) -> None:
        """Release what the object holds; the end of its life."""
