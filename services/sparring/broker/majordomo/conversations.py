"""How conversations with workers begin and end: Ready, leases, superseding, goodbyes."""

from __future__ import annotations

from sparring.broker.majordomo.calls import Calls
from sparring.broker.majordomo.directory import Directory
from sparring.broker.majordomo.due import Due, DueKey
from sparring.broker.majordomo.effects import HangUp, Tell
from sparring.broker.majordomo.messages import Beat, Disconnect, FromWorker, Leaving, Ready, Welcome
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.registration import check_ready
from sparring.broker.majordomo.rules import Rules, reserved_service_name
from sparring.broker.majordomo.sessions import Sessions
from sparring.broker.majordomo.tally import Tally
from sparring.broker.majordomo.timers import Timers
from sparring.broker.majordomo.worker import Worker
from sparring.types.errors import ExhaustedError, FailedPreconditionError, SparringError


class Conversations:
    """Streams of workers, from their opening to their end. Once hung up, one is neither heard nor told anything."""

    def __init__(
        self,
        rules: Rules,
        directory: Directory,
        calls: Calls,
        sessions: Sessions,
        outbox: Outbox,
        timers: Timers[DueKey],
        tally: Tally,
        broker_id: str,
    ) -> None:
        self._rules = rules
        self._directory = directory
        self._calls = calls
        self._sessions = sessions
        self._outbox = outbox
        self._timers = timers
        self._tally = tally
        self._broker_id = broker_id
        self._fresh: set[int] = set()
        self._draining = False

    def opened(self, stream: int, now: float) -> None:
        """Wait for Ready on a new stream."""
        self._fresh.add(stream)
        self._timers.at(now + self._rules.ready_s, (Due.READY, stream))

    def first(self, stream: int, message: FromWorker, now: float) -> None:
        """Take the first message of a stream: Ready, or a goodbye."""
        if not self._forget_fresh(stream):
            return  # hung up
        if isinstance(message, Ready):
            self._register(stream, message, now)
        elif isinstance(message, Disconnect):
            self._outbox.add(HangUp(stream))
        else:
            self._refuse_first(stream, f"The first message of a worker is Ready, not {type(message).__name__}.")

    def not_ready(self, stream: int, now: float) -> None:
        """End a stream whose Ready did not come in time."""
        if self._forget_fresh(stream):
            self._refuse_first(stream, f"No Ready came within {self._rules.ready_s:g} s.")

    def unexpected(self, worker: Worker, message: FromWorker, now: float) -> None:
        """End the conversation with a worker that sent what it must not send now."""
        what = f"A {type(message).__name__} was not expected here"
        if isinstance(message, Ready):
            what = "A second Ready was sent; a worker registers once per stream"
        elif name := getattr(message, "request_id", "") or getattr(message, "token", ""):
            what = f"{what}: nothing is open under {name[:64]!r}"
        error = FailedPreconditionError("UNEXPECTED", f"{what}.")
        self._dismiss(worker, Leaving.UNEXPECTED, error.message, now, error)

    def malformed(self, stream: int, error: SparringError, now: float) -> None:
        """End a stream on which something came that is no message."""
        worker = self._directory.workers.get(stream)
        if worker is not None:
            self._take_off(worker, None, now)
        if self._forget_fresh(stream) or worker is not None:
            self._outbox.add(HangUp(stream, error))

    def said_goodbye(self, worker: Worker, reason: Leaving, now: float) -> None:
        """Let a worker go that wants to; it gets nothing more."""
        self._outbox.add(HangUp(worker.stream))
        self._take_off(worker, reason, now)

    def closed(self, stream: int, now: float) -> None:
        """Note that a stream is gone; whether the worker is, its lease will tell."""
        self._forget_fresh(stream)
        worker = self._directory.workers.get(stream)
        if worker is not None:
            self._take_off(worker, None, now)

    def lease(self, stream: int, now: float) -> None:
        """Look whether a worker has been silent for too long."""
        worker = self._directory.workers.get(stream)
        if worker is None:
            return
        until = worker.heard + self._rules.lease_s
        if until > now:
            self._timers.at(until, (Due.LEASE, stream))
            return
        self._tally.expired_workers += 1
        self._dismiss(worker, Leaving.EXPIRED, f"Nothing was heard for {now - worker.heard:.1f} s.", now)

    def beat(self, stream: int, now: float) -> None:
        """Tell a worker that we live, unless it was told something lately."""
        worker = self._directory.workers.get(stream)
        if worker is None:
            return
        if worker.told + self._rules.heartbeat_s <= now:
            self._outbox.tell(worker, Beat(), now)
        self._timers.at(worker.told + self._rules.heartbeat_s, (Due.BEAT, stream))

    def stalled(self, seconds: float) -> None:
        """Do not count time in which we did not listen as silence of the workers."""
        for worker in self._directory.workers.values():
            worker.heard += seconds

    def drain(self, now: float) -> None:
        """Take no new workers, and let those go that have no call."""
        self._draining = True
        for stream in list(self._fresh):
            self._forget_fresh(stream)
            self._send_away(stream)
        self.let_go(now)

    def let_go(self, now: float) -> None:
        """While draining, say goodbye to workers whose last call has ended."""
        if self._draining:
            for worker in list(self._directory.workers.values()):
                if all(call.given_up for call in worker.busy.values()):
                    self._dismiss(worker, Leaving.SHUTDOWN, "The broker is shutting down.", now)

    def stop(self, now: float) -> None:
        """Say goodbye to all."""
        for worker in list(self._directory.workers.values()):
            self._dismiss(worker, Leaving.SHUTDOWN, "The broker is shutting down.", now)

    def _register(self, stream: int, ready: Ready, now: float) -> None:
        if self._draining:
            self._send_away(stream)
            return
        worker = Worker(stream, ready, heard=now, told=now)
        worker.announced = frozenset(each.name for each in ready.announcements)
        try:
            check_ready(ready, self._rules)
            if not self._supersedes(stream, ready, now):
                return
            self._check_room()
            service = self._directory.add(worker, now)
        except SparringError as error:
            if reserved_service_name(ready.service):
                self._outbox.add(Tell(stream, Disconnect(Leaving.RESERVED, error.message)))
            self._outbox.add(HangUp(stream, error))
            return
        worker.lease_id = f"{self._broker_id}-{stream}"
        self._outbox.tell(worker, Welcome(worker.lease_id), now)
        self._timers.at(now + self._rules.lease_s, (Due.LEASE, stream))
        self._timers.at(now + self._rules.heartbeat_s, (Due.BEAT, stream))
        self._sessions.returned(worker, now)
        self._calls.dispatch(service, now)

    def _supersedes(self, stream: int, ready: Ready, now: float) -> bool:
        """Of two streams of one worker the one with the higher count lives; a dead stream gives way to its equal."""
        living = self._directory.worker_named(ready.worker_id)
        away = self._sessions.away.get(ready.worker_id)
        lower = away is not None and ready.incarnation < away.incarnation
        if lower or (living is not None and ready.incarnation <= living.ready.incarnation):
            message = f"This worker has opened a later stream than number {ready.incarnation}."
            self._outbox.add(Tell(stream, Disconnect(Leaving.SUPERSEDED, message)))
            self._outbox.add(HangUp(stream))
            return False
        if living is not None:
            self._dismiss(living, Leaving.SUPERSEDED, f"Stream number {ready.incarnation} took over.", now)
        return True

    def _check_room(self) -> None:
        if len(self._directory.workers) >= self._rules.max_workers:
            raise ExhaustedError(
                "TOO_MANY_WORKERS",
                f"{len(self._directory.workers)} workers are registered; the broker takes no more.",
                retry_after_ms=10_000,
            )

    def _dismiss(
        self, worker: Worker, reason: Leaving, message: str, now: float, error: SparringError | None = None
    ) -> None:
        self._outbox.tell(worker, Disconnect(reason, message), now)
        self._outbox.add(HangUp(worker.stream, error))
        self._take_off(worker, reason if reason is Leaving.EXPIRED else None, now)

    def _take_off(self, worker: Worker, reason: Leaving | None, now: float) -> None:
        self._timers.drop((Due.LEASE, worker.stream))
        self._timers.drop((Due.BEAT, worker.stream))
        self._directory.remove(worker, now)
        self._sessions.left(worker, reason, now)
        self._calls.lost(worker, now)

    def _refuse_first(self, stream: int, message: str) -> None:
        self._outbox.add(Tell(stream, Disconnect(Leaving.UNEXPECTED, message)))
        self._outbox.add(HangUp(stream, FailedPreconditionError("READY_EXPECTED", message)))

    def _send_away(self, stream: int) -> None:
        self._outbox.add(Tell(stream, Disconnect(Leaving.SHUTDOWN, "The broker is shutting down.")))
        self._outbox.add(HangUp(stream))

    def _forget_fresh(self, stream: int) -> bool:
        self._timers.drop((Due.READY, stream))
        fresh = stream in self._fresh
        self._fresh.discard(stream)
        return fresh
