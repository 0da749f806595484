"""A row of memory: one step of one muscle, its values packed as they came."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from gymnasium.spaces import Space
from numpy.typing import NDArray

from sparring.agent.uids import find_uid
from sparring.types.declaration import Declaration
from sparring.types.layout import Layout
from sparring.types.values import Values


class Fields:
    """Declared fields of rows.

    Attributes:
        kind: sensor, actuator or reward.
        uids: As `environment.uid`.
        layout: Of one lane.
    """

    __slots__ = ("_places", "kind", "layout", "uids")

    def __init__(self, kind: str, uids: Sequence[str], spaces: Sequence[Space[Any]]) -> None:
        self.kind = kind
        self.uids = tuple(uids)
        self.layout = Layout(spaces)
        self._places: dict[str, int] = {}

    @classmethod
    def of(cls, kind: str, declarations: Sequence[Declaration]) -> Fields:
        """Return the fields of declarations."""
        return cls(kind, [each.uid for each in declarations], [each.space for each in declarations])

    def place(self, name: str) -> int:
        """Return the place of a field by its uid or bare uid; errors as `find_uid`."""
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = find_uid(self.kind, name, self.uids)
        return place


class Row:
    """One step: what was read, what was set, what followed.

    Attributes:
        tag: The muscle.
        sensors, readings: What the muscle read.
        actuators, setpoints: What it set.
        reward_fields, rewards: What followed.
        terminated, truncated, done: Whether the episode ended after this step.
        objective: The agent's objective; empty if it had nothing to say.
        data: What the muscle told its brain.
        observations, actions: What brain or muscle stored besides; None if nothing.
        next_readings: What was read next; None as long as it is not known.
    """

    __slots__ = (
        "actions",
        "actuators",
        "data",
        "done",
        "next_readings",
        "objective",
        "observations",
        "readings",
        "reward_fields",
        "rewards",
        "sensors",
        "setpoints",
        "tag",
        "terminated",
        "truncated",
    )

    def __init__(
        self,
        tag: str,
        sensors: Fields,
        readings: Values,
        actuators: Fields,
        setpoints: Values,
        reward_fields: Fields,
        rewards: Values,
        terminated: bool = False,
        truncated: bool = False,
        data: Any = None,
    ) -> None:
        self.tag = tag
        self.sensors = sensors
        self.readings = readings
        self.actuators = actuators
        self.setpoints = setpoints
        self.reward_fields = reward_fields
        self.rewards = rewards
        self.terminated = terminated
        self.truncated = truncated
        self.done = terminated or truncated
        self.data = data
        self.objective: NDArray[np.float64] = NOTHING
        self.observations: Any = None
        self.actions: Any = None
        self.next_readings: Values | None = None


NOTHING: NDArray[np.float64] = np.zeros(0)
NOTHING.flags.writeable = False


@lru_cache(maxsize=16)
def no_fields(kind: str) -> Fields:
    """Return fields without any."""
    return Fields(kind, (), ())
