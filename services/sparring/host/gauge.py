"""A gauge in shared memory: a slot's process writes what author code it is in, its parent reads it and asks nobody.

The process may hold the interpreter lock for seconds inside author code; the parent sees since when, and how long it
may.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
import time
from dataclasses import dataclass
from typing import Final, Self

SIZE_BYTES: Final = 8192
_HEAD: Final = struct.Struct("<4q")  # since when (0: nothing runs), until when, how many calls, number of the name
_NAME_BYTES: Final = 120
_NAMES: Final = (SIZE_BYTES - 64) // _NAME_BYTES
_FIRST_NAME: Final = 64
_NS: Final = 1_000_000_000
_LONGEST_S: Final = 1e9


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

    @property
    def allowed_s(self) -> float:
        """How long an overdue call was allowed to take, in seconds."""
        return round(self.since_s - self.overdue_s, 6)


class SharedGauge:
    """One end, writing or reading; each is used by one thread at a time.

    Attributes:
        descriptor: Of the memory's file, for the process that writes. What lies beyond `SIZE_BYTES` belongs to `stack`.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._memory = mmap.mmap(descriptor, SIZE_BYTES)
        self._words = memoryview(self._memory).cast("q")
        self._known: dict[tuple[str, str], int] = {}

    @classmethod
    def create(cls) -> Self:
        """Make the memory."""
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("sparring-gauge")
        else:
            with tempfile.TemporaryFile(prefix="sparring-gauge-") as file:
                descriptor = os.dup(file.fileno())
        os.ftruncate(descriptor, SIZE_BYTES)
        return cls(descriptor)

    def close(self) -> None:
        """Let go of the memory. May be repeated."""
        if self.descriptor >= 0:
            self._words.release()
            self._memory.close()
            os.close(self.descriptor)
            self.descriptor = -1

    def begin(self, kind: str, component: str, deadline_s: float) -> None:
        """Say that author code begins; see `types.gauge.Gauge`."""
        number = self._known.get((kind, component))
        if number is None:
            number = self._name(kind, component)
        now = time.monotonic_ns()
        words = self._words
        words[3] = number
        words[1] = now + int(min(deadline_s, _LONGEST_S) * _NS)
        words[2] += 1
        words[0] = now

    def end(self) -> None:
        """Say that it has returned or raised."""
        self._words[0] = 0

    def read(self) -> Reading:
        """Return what the gauge shows now. A reading while the writer writes shows that nothing is overdue."""
        head = _HEAD.unpack_from(self._memory)
        begun, deadline, count, number = head
        if not begun:
            return Reading("", 0.0, 0.0, count)
        now = time.monotonic_ns()
        steady = head == _HEAD.unpack_from(self._memory)
        overdue_s = max(0, now - deadline) / _NS if steady else 0.0
        return Reading(self._text(number), (now - begun) / _NS, overdue_s, count)

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
