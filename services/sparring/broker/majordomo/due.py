"""What can fall due."""

from __future__ import annotations

import enum
from typing import TypeAlias


class Due(enum.Enum):
    """The kinds of times; each goes with the number, stream, token or name of what it is about."""

    READY = enum.auto()
    LEASE = enum.auto()
    BEAT = enum.auto()
    AWAY = enum.auto()
    QUEUED = enum.auto()
    ORPHANED = enum.auto()
    OFFER = enum.auto()
    REFUSAL = enum.auto()
    BUNDLE = enum.auto()
    UNKNOWN = enum.auto()


DueKey: TypeAlias = tuple[Due, int | str]
