"""What is due when: a heap of keys, each with one time, that can be moved and dropped."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
_SLACK = 64


class Timers(Generic[Key]):
    """Times by key. Dropped and moved entries stay in the heap until they surface or outnumber the others."""

    def __init__(self) -> None:
        self._when: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._pushed = 0

    def __len__(self) -> int:
        return len(self._when)

    def at(self, when: float, key: Key) -> None:
        """Set the time of a key, instead of the one it had."""
        self._when[key] = when
        self._pushed += 1
        heapq.heappush(self._heap, (when, self._pushed, key))
        if len(self._heap) > 2 * len(self._when) + _SLACK:
            self._heap = [entry for entry in self._heap if self._when.get(entry[2]) == entry[0]]
            heapq.heapify(self._heap)

    def drop(self, key: Key) -> None:
        """Forget a key; one that is not there is fine."""
        self._when.pop(key, None)

    def delay(self, seconds: float, concerned: Callable[[Key], bool]) -> None:
        """Put off all keys that are concerned."""
        for key, when in list(self._when.items()):
            if concerned(key):
                self.at(when + seconds, key)

    @property
    def next(self) -> float:
        """The earliest time; infinity if there is none."""
        while self._heap:
            when, _, key = self._heap[0]
            if self._when.get(key) == when:
                return when
            heapq.heappop(self._heap)
        return math.inf

    def due(self, now: float) -> Key | None:
        """Take the earliest key whose time has come; None if there is none."""
        if self.next > now:
            return None
        key = heapq.heappop(self._heap)[2]
        del self._when[key]
        return key
