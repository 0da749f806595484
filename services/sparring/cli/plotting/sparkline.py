"""Numbers as one line of text: each character stands for the mean of a part of them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
PLAIN: Final = "_.-=+*%#"
"""For terminals that cannot show blocks."""


def means_of_parts(values: Sequence[float], width: int) -> list[float]:
    """Return the means of at most `width` parts of about the same length; NaN for a part without a finite value."""
    parts = min(width, len(values))
    edges = [round(number * len(values) / parts) for number in range(parts + 1)] if parts else [0]
    return [_mean(values[begin:end]) for begin, end in pairwise(edges)]


def sparkline(heights: Sequence[float], low: float, high: float, marks: str = BLOCKS) -> str:
    """Return a character per height.

    Args:
        heights: NaN for none, which is a blank.
        low: has the lowest mark.
        high: has the highest one; where it equals `low`, all have the middle one.
        marks: from low to high.
    """
    span = high - low
    top = len(marks) - 1
    line = ""
    for height in heights:
        if not math.isfinite(height):
            line += " "
        elif span > 0:
            line += marks[min(top, max(0, round((height - low) / span * top)))]
        else:
            line += marks[len(marks) // 2]
    return line


def _mean(values: Sequence[float]) -> float:
    known = [float(value) for value in values if math.isfinite(value)]
    return math.fsum(known) / len(known) if known else math.nan
