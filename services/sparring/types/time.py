"""Simulated time: ticks, a timestamp, or both, without loss between author, wire and store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import index
from typing import SupportsIndex

from sparring.types.errors import InvalidArgumentError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class SimTime:
    """A moment in simulated time. Both parts are optional; two moments are equal if ticks and nanoseconds are.

    Attributes:
        simtime_ticks: count of the environment's own time unit (which its declaration names); int64.
        simtime_timestamp: date and time; without a zone it is taken as UTC. Microseconds are its finest unit.
        timestamp_ns: the timestamp as nanoseconds since 1970 in UTC, int64. Set from the timestamp; give it alone to
            keep nanoseconds that a datetime cannot hold (the timestamp is then the microsecond below).

    Raises:
        InvalidArgumentError: SIMTIME_INVALID, for another type, a number outside int64, or a timestamp and
            nanoseconds that differ.
    """

    simtime_ticks: int | None = None
    simtime_timestamp: datetime | None = field(default=None, compare=False)
    timestamp_ns: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.simtime_ticks is not None:
            object.__setattr__(self, "simtime_ticks", _int64(self.simtime_ticks, "simtime_ticks"))
        if self.timestamp_ns is not None:
            object.__setattr__(self, "timestamp_ns", _int64(self.timestamp_ns, "timestamp_ns"))
            below = _EPOCH + timedelta(microseconds=self.timestamp_ns // 1000)
            if self.simtime_timestamp is None:
                object.__setattr__(self, "simtime_timestamp", below)
            elif _in_utc(self.simtime_timestamp) != below:
                raise InvalidArgumentError(
                    "SIMTIME_INVALID",
                    f"{self.simtime_timestamp} and {self.timestamp_ns} ns are two different moments; give one of them.",
                    simtime_timestamp=self.simtime_timestamp,
                    timestamp_ns=self.timestamp_ns,
                )
        elif self.simtime_timestamp is not None:
            nanoseconds = (_in_utc(self.simtime_timestamp) - _EPOCH) // _MICROSECOND * 1000
            object.__setattr__(self, "timestamp_ns", _int64(nanoseconds, "timestamp_ns"))

    @property
    def ticks(self) -> int | None:
        """The count of time units, or None."""
        return self.simtime_ticks

    def __str__(self) -> str:
        parts = [] if self.simtime_ticks is None else [f"tick {self.simtime_ticks}"]
        if self.simtime_timestamp is not None:
            parts.append(self.simtime_timestamp.isoformat())
        return ", ".join(parts) or "no simulated time"


def _in_utc(timestamp: datetime) -> datetime:
    """Return a timestamp with a zone: its own, or UTC."""
    if not isinstance(timestamp, datetime):
        raise _invalid("simtime_timestamp", timestamp, "a datetime")
    return timestamp if timestamp.tzinfo is not None else timestamp.replace(tzinfo=UTC)


def _int64(number: SupportsIndex, name: str) -> int:
    """Return a plain int of 64 bits."""
    if type(number) is not int:
        if isinstance(number, bool) or not isinstance(number, SupportsIndex):
            raise _invalid(name, number, "an integer")
        number = index(number)
    if not _LOWEST <= number <= _HIGHEST:
        raise _invalid(name, number, "an integer of 64 bits (as nanoseconds: between the years 1678 and 2262)")
    return number


def _invalid(name: str, value: object, expected: str) -> InvalidArgumentError:
    return InvalidArgumentError("SIMTIME_INVALID", f"{name} is {value!r}; expected {expected}.", **{name: value})
