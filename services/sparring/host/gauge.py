"""A gauge in shared memory: a slot's process writes what author code it is in, its parent reads it and needs no answer.

The process may hold the interpreter lock for seconds inside author code; the parent sees since when, and until when it may.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
import time
from dataclasses import dataclass
from typing import Self

SIZE_BYTES = 8192
_HEAD = struct.Struct("<4q")
_NAME_BYTES = 120
_NAMES = (SIZE_BYTES - 64) // _NAME_BYTES
_FIRST_NAME = 64
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a gauge shows.

    Attributes:
        doing: What runs and in which component, such as "update of environment 'grid'"; empty when no author code runs.
        since_s: For how long, in seconds.
        overdue_s: How far past its deadline, in seconds; 0 if it is not.
        count: How many calls of author code have begun.
    """

    doing: str
    since_s: float
    overdue_s: float
    count: int


class SharedGauge:
    """The writing and the reading end; each is used by one thread."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self._words = memoryview(memory).cast("q")
        self._known: dict[tuple[str, str], int] = {}

    @classmethod
    def make(cls) -> tuple[Self, int]:
        """Make the memory; return the gauge and a file descriptor for the child, which the caller closes."""
        with tempfile.TemporaryFile(prefix="sparring-gauge-") as file:
            file.truncate(SIZE_BYTES)
            descriptor = os.dup(file.fileno())
            return cls(mmap.mmap(descriptor, SIZE_BYTES)), descriptor

    @classmethod
    def of(cls, descriptor: int) -> Self:
        """Open the memory in the child; closes the descriptor."""
        gauge = cls(mmap.mmap(descriptor, SIZE_BYTES))
        os.close(descriptor)
        return gauge

    def begin(self, kind: str, component: str, deadline_s: float) -> None:
        """Say that author code begins.

        Args:
            kind: What is called: start, reset, update, act, think.
            component: Whose, such as "environment 'grid'".
            deadline_s: How long it may take.
        """
        number = self._known.get((kind, component))
        if number is None:
            number = self._name(kind, component)
        now = time.monotonic_ns()
        words = self._words
        words[3] = number
        words[1] = now + int(deadline_s * _NS)
        words[2] += 1
        words[0] = now

    def end(self) -> None:
        """Say that author code has returned."""
        self._words[0] = 0

    def read(self) -> Reading:
        """Return what the gauge shows now."""
        begun, deadline, count, number = _HEAD.unpack_from(self._memory)
        if not begun:
            return Reading("", 0.0, 0.0, count)
        now = time.monotonic_ns()
        return Reading(self._text(number), (now - begun) / _NS, max(0, now - deadline) / _NS, count)

    def clear(self) -> None:
        """Forget everything, for a new process."""
        self._memory[:] = bytes(SIZE_BYTES)
        self._known.clear()

    def _name(self, kind: str, component: str) -> int:
        number = min(len(self._known), _NAMES - 1)
        text = f"{kind} of {component}".encode()[: _NAME_BYTES - 1]
        at = _FIRST_NAME + number * _NAME_BYTES
        self._memory[at : at + _NAME_BYTES] = text.ljust(_NAME_BYTES, b"\0")
        self._known[kind, component] = number
        return number

    def _text(self, number: int) -> str:
        at = _FIRST_NAME + min(max(number, 0), _NAMES - 1) * _NAME_BYTES
        return self._memory[at : at + _NAME_BYTES].rstrip(b"\0").decode(errors="replace")
