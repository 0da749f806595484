"""INITIALIZING: the document is being read."""

from __future__ import annotations

import logging

from sparring.experiment.document import load_document
from sparring.governor.conditions import Judge, is_builtin, make_condition
from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.types.errors import SparringError

_log = logging.getLogger(__name__)


class Initializing(State):
    """Reads the document, writes it out in full, and makes the run's termination condition."""

    name = StateName.INITIALIZING
    on_error = StateName.ERROR_HANDLING_INITIALIZING

    @property
    def message(self) -> str:
        """Say what is done."""
        return "reading the document"

    async def run(self) -> None:
        """Read."""
        governor = self.governor
        if governor.owned.epoch > 1:
            await self._take_over()
        stored = await governor.ports.store.document(governor.owned.run)
        run = load_document(stored.document, name=stored.file_name or None).expand(seed=stored.seed)
        condition = make_condition(run.condition, governor.plugins)
        judge = Judge(condition, foreign=not is_builtin(run.condition), deadline_s=run.phases[0].timeouts.step_s)
        governor.begin(run, stored.placement, judge)

    async def _take_over(self) -> None:
        """Take back what the last owner has left: its rollout workers and brains would wait for it in their slots."""
        try:
            await self.governor.ports.broker.release_run(self.governor.owned.run)
        except SparringError as error:
            _log.warning("run %s: sessions of its last owner are kept: %s", self.governor.owned.run, error)

    def next_state(self) -> StateName:
        """Go on."""
        return StateName.STARTING_SETUP
