"""What is remembered for a while: at most so many things, at most so long, the oldest forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memory(Generic[Key, Value]):
    """Values by key, with the time when they were put in and a weight that counts towards a bound."""

    def __init__(self, *, keep_s: float, limit: int, weight_limit: int = 0) -> None:
        self._keep_s = keep_s
        self._limit = limit
        self._weight_limit = weight_limit
        self._weight = 0
        self._kept: OrderedDict[Key, tuple[float, int, Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def put(self, key: Key, value: Value, now: float, weight: int = 0) -> None:
        """Remember a value from now on, instead of an older one of the same key."""
        self.forget(key)
        self._kept[key] = (now, weight, value)
        self._weight += weight
        while self._kept:
            oldest, (since, _, _) = next(iter(self._kept.items()))
            heavy = bool(self._weight_limit) and self._weight > self._weight_limit
            if len(self._kept) <= self._limit and not heavy and since + self._keep_s > now:
                return
            self.forget(oldest)

    def get(self, key: Key, now: float) -> Value | None:
        """Return the value, or None if it is not, or no longer, remembered."""
        kept = self._kept.get(key)
        return None if kept is None or kept[0] + self._keep_s <= now else kept[2]

    def forget(self, key: Key) -> None:
        """Forget a key; one that is not there is fine."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._weight -= kept[1]
