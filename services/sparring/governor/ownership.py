"""The ownership of a run: claimed, kept by a lease, recorded in a journal, and perhaps lost to another governor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sparring.experiment.run import Phase
from sparring.governor.journal import Journal
from sparring.governor.lease import keep_lease
from sparring.governor.limits import Limits
from sparring.governor.phase_events import STALE
from sparring.governor.ports import RunStore
from sparring.governor.run_record import Run, StateName, Status
from sparring.rpc.tasks import Tasks
from sparring.types.errors import InternalError, SparringError


class Ownership:
    """One run in one governor's hands.

    Args:
        governor: The owner's name.
        limits: How long a lease is, and how often it is renewed.
        heard: Told how the run stands, with its users' wishes.

    Attributes:
        lost: Set when the run has got another owner.
    """

    def __init__(self, governor: str, limits: Limits, heard: Callable[[Run], None]) -> None:
        self.lost = asyncio.Event()
        self._governor, self._limits, self._heard = governor, limits, heard
        self._run: Run | None = None
        self._journal: Journal | None = None

    @property
    def run(self) -> Run:
        """The run as it was claimed."""
        if self._run is None:
            raise InternalError("NO_RUN", "This governor owns no run yet.")
        return self._run

    def take(self, run: Run) -> None:
        """Own a run that was claimed."""
        self._run = run
        self._heard(run)

    async def claim(self, store: RunStore, wanted: str | None) -> None:
        """Wait until there is a run to be claimed, and claim it.

        Args:
            store: Has the runs.
            wanted: Only this one; None means any.
        """
        while self._run is None:
            found = await store.claim(self._governor, 1, self._limits.lease_s, () if wanted is None else (wanted,))
            if found:
                self.take(found[0])
            else:
                await asyncio.sleep(self._limits.renew_s)

    def keep(self, store: RunStore, tasks: Tasks) -> None:
        """Keep the lease from now on, and a journal; once only."""
        if self._journal is None:
            self._journal = Journal(store, self.run)
            lease = keep_lease(store, self._governor, self.run, self._limits, heard=self._heard, lost=self.lost.set)
            tasks.start(lease, f"lease of {self.run.run}")

    async def record(
        self, state: StateName, status: Status, phase: Phase | None, message: str, error: Exception | None
    ) -> bool:
        """Make a transition durable (see `Journal.record`); False if the run belongs to somebody else."""
        if self._journal is None:
            raise InternalError("NO_RUN", "This governor owns no run yet.")
        try:
            await self._journal.record(state, status, phase, message, error)
        except SparringError as refusal:
            if refusal.reason != STALE:
                raise
            self.lost.set()
        return not self.lost.is_set()
