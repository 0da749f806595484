"""What an environment offers: its sensors, actuators and rewards, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium


@dataclass(frozen=True, slots=True)
class Declaration:
    """One sensor, actuator or reward.

    Attributes:
        uid: Name, unique among its kind within one environment; agents see `environment.uid`.
        space: The values it can have.
        unit: Physical unit for people ("MW", "rad/s"); empty if none.
        description: One sentence for people; may be empty.
    """

    uid: str
    space: gymnasium.Space[Any]
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """A class (or what a foreign server has in its place) and its parameters.

    Attributes:
        name: `module:Class` in Python; otherwise the name that its server announces. Empty: the only one a server
            offers.
        parameters: Keyword arguments, values as JSON knows them.
    """

    name: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class FreeValue:
    """A value whose form is its author's business.

    Attributes:
        content_type: Media type, for instance application/json, application/x-npz, application/x-safetensors.
        data: The bytes.
    """

    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines of author code, in seconds (blueprint section 4)."""

    start_s: float = 120
    reset_s: float = 120
    step_s: float = 60
    think_s: float = 600
