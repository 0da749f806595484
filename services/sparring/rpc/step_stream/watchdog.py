"""One thread per process that wakes streams whose deadline has passed, because their own thread is blocked."""

from __future__ import annotations

import math
import threading
import time
import weakref
from typing import Protocol


class Watched(Protocol):
    """A stream that a thread may be waiting on.

    Attributes:
        deadline: when to wake it, on `time.monotonic`; infinity for never. Written by the waiting thread only.
        woken_for: the deadline it was last woken for. Written by the watchdog only.
    """

    deadline: float
    woken_for: float

    def wake(self) -> None:
        """Let the blocked wait return, so that its thread sees that the time is up. Harmless when nobody waits."""


class Watchdog:
    """Wakes watched streams at their deadlines.

    To set a deadline must cost next to nothing, for it is done at every step: a stream writes its attribute and calls
    `hurry` only when that is earlier than `next_look`. Deadlines that have become stale cost one needless look.
    """

    def __init__(self) -> None:
        self.next_look = math.inf
        self._watched: weakref.WeakSet[Watched] = weakref.WeakSet()
        self._changed = threading.Condition()
        self._hurried = False
        self._thread: threading.Thread | None = None

    def watch(self, stream: Watched) -> None:
        """Begin to look at `stream.deadline`."""
        with self._changed:
            self._watched.add(stream)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="step-watchdog", daemon=True)
                self._thread.start()

    def forget(self, stream: Watched) -> None:
        """Stop looking at it."""
        with self._changed:
            self._watched.discard(stream)

    def hurry(self) -> None:
        """Look again now: a deadline has come that is earlier than `next_look`."""
        with self._changed:
            self._hurried = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                watched = list(self._watched)
            soonest = self._look(watched)
            watched.clear()
            with self._changed:
                if not self._hurried:
                    self.next_look = soonest
                    pause_s = None if soonest == math.inf else max(0.0, soonest - time.monotonic())
                    self._changed.wait_for(lambda: self._hurried, pause_s)
                self._hurried = False

    def _look(self, watched: list[Watched]) -> float:
        """Wake whom it is time to wake; return the soonest deadline of the others."""
        self.next_look = math.inf  # a deadline set from here on hurries us: either it does, or we see it below
        now = time.monotonic()
        soonest = math.inf
        for stream in watched:
            deadline = stream.deadline
            if deadline > now:
                soonest = min(soonest, deadline)
            elif deadline != stream.woken_for:
                stream.woken_for = deadline
                stream.wake()
        return soonest


WATCHDOG = Watchdog()
"""The one of this process; its thread starts with the first stream that has a deadline."""
