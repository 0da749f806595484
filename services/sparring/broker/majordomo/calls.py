"""The life of calls: queued, given to the least recently used worker, answered, cancelled, given again, expired."""

from __future__ import annotations

from sparring.broker.majordomo.call import Call, Outcome, Submission
from sparring.broker.majordomo.call_queues import CallQueues
from sparring.broker.majordomo.directory import Directory, Service
from sparring.broker.majordomo.draining import stopping
from sparring.broker.majordomo.due import Due, DueKey
from sparring.broker.majordomo.effects import Rejected, Reply
from sparring.broker.majordomo.memory import Memory
from sparring.broker.majordomo.messages import Cancel, Request
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.resends import Resends, Told
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.tally import Tally
from sparring.broker.majordomo.timers import Timers
from sparring.broker.majordomo.worker import Worker
from sparring.types.errors import AbortedError, SparringError, UnavailableError


class Calls:
    """All calls, in queues or with workers.

    A request id names one attempt, so that what a worker still sends for an attempt that was taken from it is told from
    what it sends for the next one: it is fenced, that is, dropped and counted.
    """

    def __init__(
        self, rules: Rules, directory: Directory, outbox: Outbox, timers: Timers[DueKey], tally: Tally, broker_id: str
    ) -> None:
        self._rules = rules
        self._directory = directory
        self._outbox = outbox
        self._timers = timers
        self._tally = tally
        self._queues = CallQueues(rules, directory, timers)
        self._resends = Resends(rules)
        self._taken: Memory[str, bool] = Memory(keep_s=rules.memory_s, limit=rules.max_memories)
        self._prefix = f"{broker_id}-"
        self._number = 0
        self._by_number: dict[int, Call] = {}
        self._by_caller: dict[int, Call] = {}
        self._draining = False

    def submit(self, sent: Submission, now: float) -> None:
        """Take a call from a client: give it to a worker, queue it, or attach it to the one sent before.

        Raises:
            ExhaustedError: QUEUE_FULL or TOO_MANY_SERVICES.
            InvalidArgumentError, FailedPreconditionError: see `Resends.find`.
            UnavailableError: DRAINING.
        """
        if self._draining:
            raise stopping()
        told = self._resends.find(sent, now) if sent.name else None
        if told is not None:
            self._attach(told, sent, now)
            return
        service = self._directory.service(sent.service, now)
        idle = service.next_idle()
        if idle is None:
            self._queues.check_room(service, sent)
        self._number += 1
        call = Call(self._number, sent, now, self._queues.patience(sent, now), sent.deadline, [sent.caller])
        self._by_number[call.number] = self._by_caller[sent.caller] = call
        self._resends.begin(call)
        if idle is None:
            self._queues.push(call)
        else:
            self._give(service, idle, call, now)

    def cancel(self, caller: int, now: float) -> None:
        """Take back a call whose caller is gone; one that was answered is fine."""
        call = self._by_caller.pop(caller, None)
        if call is None:
            return
        call.callers.remove(caller)
        if call.callers:
            return
        if call.stream is None:
            self._queues.remove(call)
            self._drop(call)
        elif call.sent.name:
            self._timers.at(now + self._rules.resend_grace_s, (Due.ORPHANED, call.number))
        else:
            self._give_up(call, now)

    def replied(self, worker: Worker, request_id: str, body: bytes) -> bool:
        """Pass on a partial reply. False if the worker must not send it."""
        call = worker.busy.get(request_id)
        if call is None:
            return self._fenced(request_id, last=False)
        if not call.given_up:
            call.answered = True
            self._resends.replied(call, body)
            for caller in call.callers:
                self._outbox.add(Reply(caller, body, final=False))
        return True

    def finished(self, worker: Worker, request_id: str, outcome: Outcome, now: float) -> bool:
        """Pass on how a call ended; the worker is free for the next. False if the worker must not send it."""
        call = worker.busy.pop(request_id, None)
        if call is None:
            return self._fenced(request_id, last=True)
        if call.given_up:
            self._taken.put(request_id, True, now)  # its own end may have crossed our Cancel, which it answers as well
        else:
            self._resends.finished(call, outcome, now)
            for caller in call.callers:
                self._outbox.add(outcome.told_to(caller))
            self._drop(call)
        self._freed(worker, now)
        return True

    def alive(self, worker: Worker, busy: tuple[str, ...], now: float) -> None:
        """Free the worker of given-up calls that it does not work on any more."""
        over = [request_id for request_id, call in worker.busy.items() if call.given_up and request_id not in busy]
        for request_id in over:
            del worker.busy[request_id]
            self._taken.put(request_id, True, now)
        if over:
            self._freed(worker, now)

    def lost(self, worker: Worker, now: float) -> None:
        """Take the calls of a worker that is off the lists: to the head of the queue, or failed."""
        service = self._directory.services[worker.ready.service]
        for request_id, call in worker.busy.items():
            self._taken.put(request_id, True, now)
            if call.given_up:
                continue
            call.stream = None
            error = self._why_not_again(call, worker)
            if error is None:
                self._tally.requeued += 1
                self._queues.push(call, at_head=True)
            else:
                self._reject(call, error)
        worker.busy.clear()
        if not service.workers:
            self._queues.abandoned(service)
        self.dispatch(service, now)

    def dispatch(self, service: Service, now: float) -> None:
        """Give queued calls to idle workers until one of them runs out."""
        while service.queue and (idle := service.next_idle()) is not None:
            self._give(service, idle, self._queues.pop(service), now)

    def waited(self, number: int, now: float) -> None:
        """Expire a queued call, unless it has got more time."""
        call = self._by_number[number]
        error = self._queues.expired(call, now)
        if error is not None:
            self._tally.expired_calls += 1
            self._queues.remove(call)
            self._reject(call, error)

    def orphaned(self, number: int, now: float) -> None:
        """Give up a named call that was not sent again in time."""
        self._give_up(self._by_number[number], now)

    def drain(self) -> None:
        """Take no more calls; those that wait are told so, those that run go on."""
        self._draining = True
        for call in [call for call in self._by_number.values() if call.stream is None]:
            self._queues.remove(call)
            self._reject(call, stopping())

    def _attach(self, told: Told, sent: Submission, now: float) -> None:
        self._tally.attached += 1
        for body in told.partial:
            self._outbox.add(Reply(sent.caller, body, final=False))
        if told.outcome is not None:
            self._outbox.add(told.outcome.told_to(sent.caller))
        call = told.call
        if call is None:
            return
        call.callers.append(sent.caller)
        self._by_caller[sent.caller] = call
        self._timers.drop((Due.ORPHANED, call.number))
        call.patience = max(call.patience, self._queues.patience(sent, now))
        if call.deadline is not None:
            call.deadline = None if sent.deadline is None else max(call.deadline, sent.deadline)
        if call.stream is None:
            self._queues.extend(call)

    def _give(self, service: Service, worker: Worker, call: Call, now: float) -> None:
        if call.attempt == 0:
            self._tally.dispatch(now - call.arrived)
        call.attempt += 1
        call.stream = worker.stream
        request_id = self._request_id(call)
        worker.busy[request_id] = call
        service.used(worker)
        timeout_s = None if call.deadline is None else max(0.0, call.deadline - now)
        sent = call.sent
        request = Request(request_id, sent.method, sent.metadata, timeout_s, call.attempt, sent.body)
        self._outbox.tell(worker, request, now)

    def _give_up(self, call: Call, now: float) -> None:
        call.given_up = True
        self._drop(call)
        if call.stream is not None:
            self._outbox.tell(self._directory.workers[call.stream], Cancel(self._request_id(call)), now)

    def _freed(self, worker: Worker, now: float) -> None:
        service = self._directory.services[worker.ready.service]
        service.used(worker)
        self.dispatch(service, now)

    def _fenced(self, request_id: str, *, last: bool) -> bool:
        if request_id not in self._taken:
            return False
        self._tally.fenced += 1
        if last:
            self._taken.forget(request_id)
        return True

    def _why_not_again(self, call: Call, worker: Worker) -> SparringError | None:
        values = {"service": call.sent.service, "worker": worker.ready.worker_id, "attempt": call.attempt}
        what = f"Worker {worker.ready.worker_id!r} of service {call.sent.service!r} was lost in attempt {call.attempt}"
        reason = "WORKER_LOST"
        if self._draining:
            what, reason = "The broker was shut down while the call ran", "DRAINING"
        if not call.sent.retry_safe:
            sentence = f"{what}. Whether the call took effect is unknown, and it was not marked as safe to repeat."
            return AbortedError(reason, sentence, **values)
        if self._draining:
            return stopping()
        if call.answered or call.attempt >= self._rules.max_attempts or not call.callers:
            return UnavailableError("WORKER_LOST", f"{what}; send the call again.", **values)
        return None

    def _reject(self, call: Call, error: SparringError) -> None:
        for caller in call.callers:
            self._outbox.add(Rejected(caller, error))
        self._drop(call)

    def _drop(self, call: Call) -> None:
        del self._by_number[call.number]
        self._timers.drop((Due.ORPHANED, call.number))
        self._resends.forget(call)
        for caller in call.callers:
            self._by_caller.pop(caller, None)

    def _request_id(self, call: Call) -> str:
        return f"{self._prefix}{call.number}.{call.attempt}"
