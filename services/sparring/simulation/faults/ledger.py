"""Where faults are kept before they strike: the ports."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sparring.types.faults import StruckFault
from sparring.types.plan import RolloutPlan


class FaultLedger(Protocol):
    """The faults of one rollout worker that struck, over all of its lives."""

    def record(self, fault: StruckFault) -> bool:
        """Make durable that a fault strikes now.

        Returns:
            Whether it strikes for the first time; False if it did so in an attempt at this episode that was lost.

        Raises:
            LostError: The store did not come back within its budget.
            FailedPreconditionError: EPOCH_STALE, somebody else owns the run now.
        """

    def close(self) -> None:
        """Let go of everything. Never raises; may be called twice, and used again."""


@runtime_checkable
class KeepsFaults(Protocol):
    """A session provider that knows where faults are kept."""

    def fault_ledger(self, plan: RolloutPlan) -> FaultLedger:
        """Reach the ledger of a rollout worker; nothing is sent yet."""
