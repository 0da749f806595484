"""Whether a store has room left, as far as a rollout worker has heard; says in the log when that changes."""

from __future__ import annotations

import logging

from sparring.client.attempts import is_full
from sparring.rpc.retry import Backoff
from sparring.types.errors import SparringError

_log = logging.getLogger(__name__)


class StoreRoom:
    """Belongs to the keeper of a record.

    Attributes:
        lacking: The store has said that nothing more fits, and has taken nothing since.
    """

    def __init__(self, full: Backoff) -> None:
        self.lacking = False
        self._full = full

    def refused(self, error: SparringError) -> None:
        """A stream to the store has ended, by this."""
        if is_full(error) and not self.lacking:
            _log.warning("%s What was played waits for that, at most %g min.", error.message, self._full.budget_s / 60)
        self.lacking = is_full(error)

    def took(self) -> None:
        """The store has made something durable."""
        if self.lacking:
            _log.warning("The store has room again; the run goes on.")
        self.lacking = False
