"""Numbers, times and names as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

NOTHING = "-"


def rate(per_second: float) -> str:
    """Return steps per second: "1,234" or "0.82"; "-" where nothing was measured."""
    if not math.isfinite(per_second) or per_second <= 0:
        return NOTHING
    return f"{per_second:,.0f}" if per_second >= 100 else f"{per_second:.3g}"


def score(value: float | None) -> str:
    """Return a reward or a return with four significant digits; "-" for none."""
    if value is None:
        return NOTHING
    if math.isfinite(value) and abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def count(number: int, noun: str) -> str:
    """Return "1 episode", "2 episodes"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return "0.4 s", "12 s", "3 min 5 s", "2 h 10 min", "4 d 3 h"."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    for big, small, size in (("d", "h", 86_400), ("h", "min", 3_600), ("min", "s", 60)):
        if whole >= size:
            rest = whole % size // (size // {"d": 24, "h": 60, "min": 60}[big])
            return f"{whole // size} {big} {rest} {small}" if rest else f"{whole // size} {big}"
    return f"{whole} s"


def moment(time: datetime) -> str:
    """Return a time in the zone of this machine, to the second."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def ago(time: datetime, now: datetime | None = None) -> str:
    """Return how long ago a time is."""
    return f"{duration(((now or datetime.now(UTC)) - time).total_seconds())} ago"
