"""Episodes that are played at the same time: in sessions of their own, or as lanes of one session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from sparring.types.declaration import Declaration, FreeValue
from sparring.types.frames import EnvironmentStarted
from sparring.types.values import Values


class Moved(NamedTuple):
    """What became of one episode.

    Attributes:
        readings: Packed, one lane.
        rewards: By uid, those that are present.
        terminated, truncated: Its ends.
        ticks, timestamp_ns: Simulated time, None where it is not kept.
        world_state: For people.
    """

    readings: Values
    rewards: Mapping[str, Any] = {}
    terminated: bool = False
    truncated: bool = False
    ticks: int | None = None
    timestamp_ns: int | None = None
    world_state: FreeValue | None = None


class Seats(Protocol):
    """Episodes are numbered from 0.

    Attributes:
        started: What the environment declares.
    """

    started: EnvironmentStarted

    def reset(self, seeds: Mapping[int, int]) -> dict[int, Moved]:
        """Begin new episodes at some seats."""

    def update(self, setpoints: Mapping[int, Values]) -> dict[int, Moved]:
        """Advance some episodes."""

    def close(self) -> None:
        """End all sessions. May be called twice."""


def rewards_of(declared: list[Declaration], values: list[Any]) -> dict[str, Any]:
    """Return the present rewards by uid."""
    return {one.uid: value for one, value in zip(declared, values, strict=True) if value is not None}


def at(times: tuple[int, ...], lane: int) -> int | None:
    """Return the time of a lane, if it is kept."""
    return times[lane] if times else None
