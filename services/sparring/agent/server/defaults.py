"""What a host fills in where a client leaves it open: the parts of the one agent that it is there for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from sparring.types.declaration import Component
from sparring.types.frames import StartMuscle
from sparring.types.learning import StartBrain


@dataclass(frozen=True, slots=True)
class Defaults:
    """Of one host. Each is used where no name is given; its parameters, where those of the same name are not."""

    muscle: Component | None = None
    brain: Component | None = None
    objective: Component | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read them from the options of a slot."""
        return cls(*(None if given is None else Component(*given) for given in options.get("defaults", ())))

    @property
    def options(self) -> dict[str, Any]:
        """The options of a slot that say the same."""
        parts = (self.muscle, self.brain, self.objective)
        return {"defaults": [None if one is None else [one.name, one.parameters] for one in parts]}

    def complete_muscle(self, start: StartMuscle) -> StartMuscle:
        """Complete the first frame of a muscle's session."""
        return replace(start, muscle=completed(self.muscle, start.muscle))

    def complete_brain(self, start: StartBrain) -> StartBrain:
        """Complete the first frame of a brain's session."""
        brain, objective = completed(self.brain, start.brain), completed(self.objective, start.objective)
        return replace(start, brain=brain, objective=objective)


def completed(known: Component | None, given: Component) -> Component:
    """Complete what a client asks for."""
    if known is None or given.name not in ("", known.name):
        return given
    return Component(known.name, {**known.parameters, **given.parameters})
