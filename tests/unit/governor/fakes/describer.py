"""Describes every environment as one with ten sensors and ten actuators, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gymnasium.spaces import Discrete

from sparring.governor.ports import EnvironmentDescription, Source
from sparring.types.declaration import Component, Declaration
from sparring.types.errors import SparringError
from tests.unit.governor.fakes.log import Log

TEN = tuple(Declaration(str(number), Discrete(10)) for number in range(10))


@dataclass
class FakeDescriber:
    log: Log
    refusing: dict[str, SparringError] = field(default_factory=dict)
    """By name of the component."""
    asked: list[Source] = field(default_factory=list)

    async def environment(self, source: Source, timeout_s: float) -> EnvironmentDescription:
        self._answer("environment", source)
        return EnvironmentDescription(TEN, TEN)

    async def muscle(self, source: Source, filters: Sequence[Component], timeout_s: float) -> None:
        self._answer("muscle", source)

    async def brain(
        self, source: Source, objective: Component | None, filters: Sequence[Component], timeout_s: float
    ) -> None:
        self._answer("brain", source)

    def _answer(self, role: str, source: Source) -> None:
        self.log.append(f"describe {role} {source.component.name or source.service or source.address}")
        self.asked.append(source)
        if source.component.name in self.refusing:
            raise self.refusing[source.component.name]
