"""A lane: one author's object that plays one episode at a time, seen as packed values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sparring.environment.declarations import Declarations
from sparring.types.declaration import Declaration
from sparring.types.layout import Layout
from sparring.types.time import SimTime
from sparring.types.values import Values

Moment = SimTime | int | None
"""A moment in simulated time; a bare number counts ticks."""


class Began(NamedTuple):
    """How an episode begins."""

    readings: Values
    simtime: Moment
    next_update: Moment


class Moved(NamedTuple):
    """What an update led to, in which step of the episode. `rewards` is for the `Rewards` that the lane came with."""

    step: int
    readings: Values
    rewards: Sequence[Any]
    terminated: bool
    truncated: bool
    simtime: Moment
    next_update: Moment
    world_state: Any


class Lane(Protocol):
    """One author's object; calls of it are watched by a gauge, and its errors name it."""

    @property
    def declarations(self) -> Declarations:
        """What it offers; known once it has begun."""

    def begin(self, seed: int) -> Began:
        """Begin an episode, the first one too."""

    def move(self, setpoints: Values) -> Moved:
        """Advance by one step. The setpoints are inside their spaces."""

    def end(self) -> None:
        """Let go of the object."""


class Rewards(Protocol):
    """The rewards declared so far in an episode."""

    @property
    def declared(self) -> tuple[Declaration, ...]:
        """All of them, in packing order."""

    @property
    def layout(self) -> Layout:
        """Of one lane."""

    def admit(self, rewards: Sequence[Any]) -> tuple[Declaration, ...]:
        """Return those of an update that are seen for the first time, now declared."""

    def pack(self, rewards: Sequence[Any], step: int) -> Values:
        """Return the values of an update, all of whose rewards are declared."""

    def forget(self) -> None:
        """Forget those that were not declared at the start."""
