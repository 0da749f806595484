"""Names of runs: the document's uid, made safe for paths and command lines, and a counter."""

from __future__ import annotations

import re
from typing import Final

LATEST: Final = "latest"
"""Stands for the newest run; no run has this name, because every name ends in a number."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST: Final = 80


def base_name(uid: str) -> str:
    """Return what all names of a document's runs begin with: letters, digits, `.`, `_` and `-` only."""
    safe = _UNSAFE.sub("-", uid)[:_LONGEST].strip("-.")
    return safe or "run"


def run_name(base: str, number: int) -> str:
    """Return the name of a document's `number`-th run, from 1."""
    return f"{base}-{number}"
