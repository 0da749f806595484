"""Where the parts of the rules put their effects, until they are taken to be carried out."""

from __future__ import annotations

from sparring.broker.majordomo.effects import Effect, Tell
from sparring.broker.majordomo.messages import ToWorker
from sparring.broker.majordomo.worker import Worker


class Outbox:
    """Effects in the order in which they came about."""

    def __init__(self) -> None:
        self._effects: list[Effect] = []

    def add(self, effect: Effect) -> None:
        """Add one effect."""
        self._effects.append(effect)

    def tell(self, worker: Worker, message: ToWorker, now: float) -> None:
        """Send a message to a worker; its heartbeat can wait."""
        worker.told = now
        self._effects.append(Tell(worker.stream, message))

    def taken(self) -> list[Effect]:
        """Return all effects and begin anew."""
        effects, self._effects = self._effects, []
        return effects
