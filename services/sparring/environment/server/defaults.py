"""What a host fills in where a client leaves it open: the one environment that it is there for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from sparring.types.declaration import Component
from sparring.types.frames import StartEnvironment


@dataclass(frozen=True, slots=True)
class Defaults:
    """Of one host.

    Attributes:
        environment: Used where no name is given; its parameters, where those of the same name are not.
        reward: Used where no reward is given.
    """

    environment: Component | None = None
    reward: Component | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read them from the options of a slot."""
        return cls(*(None if given is None else Component(*given) for given in options.get("defaults", ())))

    @property
    def options(self) -> dict[str, Any]:
        """The options of a slot that say the same."""
        both = (self.environment, self.reward)
        return {"defaults": [None if one is None else [one.name, one.parameters] for one in both]}

    def component(self, given: Component) -> Component:
        """Complete what a client asks for."""
        known = self.environment
        if known is None or given.name not in ("", known.name):
            return given
        return Component(known.name, {**known.parameters, **given.parameters})

    def start(self, start: StartEnvironment) -> StartEnvironment:
        """Complete the first frame of a session."""
        return replace(start, environment=self.component(start.environment), reward=start.reward or self.reward)
