"""The journal of a run: every transition, durable before it takes effect."""

from __future__ import annotations

import logging

from sparring.experiment.run import Phase
from sparring.governor.ports import RunStore
from sparring.governor.run_record import Run, StateName, Status, Transition
from sparring.types.errors import SparringError
from sparring.types.mode import Mode

_log = logging.getLogger(__name__)


class Journal:
    """Records transitions under the owner's epoch, counted from 1."""

    def __init__(self, store: RunStore, owned: Run) -> None:
        self._store = store
        self._owned = owned
        self._ordinal = 0

    async def record(
        self, state: StateName, status: Status, phase: Phase | None, message: str, error: Exception | None
    ) -> None:
        """Make a transition durable.

        Args:
            state: The state entered.
            status: How the run stands with it.
            phase: The phase that the run is in; None before the document is read.
            message: For people.
            error: Why the run fails, if it does.

        Raises:
            FailedPreconditionError: EPOCH_STALE.
            SparringError: The store does not take it.
        """
        reason, text = ("", "") if error is None else _reason_of(error)
        await self._store.record(
            Transition(
                run=self._owned.run,
                epoch=self._owned.epoch,
                ordinal=self._ordinal + 1,
                state=state,
                status=status,
                phase=self._owned.phase if phase is None else phase.number,
                phase_name="" if phase is None else phase.name,
                mode=Mode.TRAIN if phase is None else phase.mode,
                message=message,
                error_reason=reason,
                error_message=text,
            )
        )
        self._ordinal += 1
        _log.info("run %s: %s%s", self._owned.run, state, f" ({message})" if message else "")


def _reason_of(error: Exception) -> tuple[str, str]:
    """Return reason and message for the store; of a bug of ours, what Python says."""
    if isinstance(error, SparringError):
        return error.reason, error.message
    return "INTERNAL", f"{type(error).__name__}: {error}"
