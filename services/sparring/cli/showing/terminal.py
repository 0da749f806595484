"""The two consoles: results go to standard output, what went wrong to standard error."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console

WIDTH_OF_A_FILE = 120
"""Columns of what is not shown in a terminal: nobody wraps it."""


def console_of(stream: TextIO) -> Console:
    """Return a console for a stream; colours and movement only where somebody watches, numbers never coloured."""
    width = None if stream.isatty() else WIDTH_OF_A_FILE
    return Console(file=stream, highlight=False, soft_wrap=False, width=width)


def output() -> Console:
    """Return the console of standard output."""
    return console_of(sys.stdout)


def complaints() -> Console:
    """Return the console of standard error."""
    return console_of(sys.stderr)
