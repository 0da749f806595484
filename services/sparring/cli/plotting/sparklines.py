"""Curves for a terminal: a line for each phase and quantity."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sparring.cli.plotting.curves import LENGTH, Curves, Quantity, Track
from sparring.cli.plotting.gathering import EVALUATE
from sparring.cli.plotting.sparkline import BLOCKS, PLAIN, means_of_parts, sparkline
from sparring.cli.showing.numbers import score

WIDE: Final = 100
"""Columns from which on there is room for long names and the mean."""

_WIDTH: Final = {True: 32, False: 24}
_LONGEST_NAME: Final = {True: 24, False: 14}


def sparklines(curves: Curves, console: Console) -> Table:
    """Return returns and objectives, a line each, in a form that this console can show.

    All lines of one quantity have one scale, so that phases can be compared.
    """
    marks = BLOCKS if _can_show(BLOCKS, console) else PLAIN
    wide = console.width >= WIDE
    dots = "…" if marks == BLOCKS else "~"
    grid = Table.grid(padding=(0, 2))
    for style in ("dim", "", "cyan", "dim"):
        grid.add_column(style=style, no_wrap=True)
    for quantity in curves.quantities:
        if quantity.kind != LENGTH:
            name = shortened(title_of(quantity), _LONGEST_NAME[wide], dots)
            for phase, line, track in _lines(curves, quantity, marks, _WIDTH[wide]):
                told = f"{score(track.first)} to {score(track.last)}" + (f", mean {score(track.mean)}" if wide else "")
                grid.add_row(Text(name), Text(shortened(phase, _LONGEST_NAME[wide], dots)), Text(line), Text(told))
                name = ""
    return grid


def title_of(quantity: Quantity) -> str:
    """Return what a quantity is called: `return`, `length`, or `objective of AGENT`."""
    return f"objective of {quantity.agents[0]}" if quantity.kind == "objective" else quantity.kind


def shortened(name: str, longest: int, dots: str = "…") -> str:
    """Return a name, without its middle if it is too long: beginnings and ends tell names apart."""
    if len(name) <= longest:
        return name
    kept = longest - len(dots)
    return name[: kept - kept // 2] + dots + name[len(name) - kept // 2 :]


def _lines(curves: Curves, quantity: Quantity, marks: str, width: int) -> Iterator[tuple[str, str, Track]]:
    """Yield the name of each phase with its line, if it has anything to show."""
    tracks = []
    for facts, curve in zip(curves.phases, quantity.phases, strict=True):
        tracks += [(facts.name, curve.episodes), (f"{EVALUATE} {facts.name}", curve.evaluations)]
    parts = [(name, track, means_of_parts(track.values.tolist(), width)) for name, track in tracks]
    heights = [height for _, _, means in parts for height in means if math.isfinite(height)]
    for name, track, means in parts:
        if math.isfinite(track.mean):
            yield name, sparkline(means, min(heights), max(heights), marks), track


def _can_show(text: str, console: Console) -> bool:
    try:
        text.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
