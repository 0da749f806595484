"""What the broker counts."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

DISPATCH_BUCKETS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
"""Upper bounds of the classes of dispatch latency; one more class holds the rest."""


@dataclass(slots=True)
class Tally:
    """Counts since the broker started.

    Attributes:
        dispatched: by class of latency, from arrival to a worker.
        dispatch_s: sum of the latencies.
        expired_calls: that waited in vain.
        expired_workers: whose lease lapsed.
        requeued: attempts lost with their worker and given to another one.
        fenced: late replies of attempts that no longer count.
        attached: resends that found the call running or finished.
        granted: bundles.
        refused: offers.
    """

    dispatched: list[int] = field(default_factory=lambda: [0] * (len(DISPATCH_BUCKETS_S) + 1))
    dispatch_s: float = 0.0
    expired_calls: int = 0
    expired_workers: int = 0
    requeued: int = 0
    fenced: int = 0
    attached: int = 0
    granted: int = 0
    refused: int = 0

    def dispatch(self, waited_s: float) -> None:
        """Count a call that went to a worker."""
        self.dispatched[bisect_left(DISPATCH_BUCKETS_S, waited_s)] += 1
        self.dispatch_s += waited_s
