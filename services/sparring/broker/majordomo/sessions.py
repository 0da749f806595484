"""The sessions that workers hold: learnt from what workers say, followed until they end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sparring.broker.majordomo.directory import Directory
from sparring.broker.majordomo.due import Due, DueKey
from sparring.broker.majordomo.memory import Memory
from sparring.broker.majordomo.messages import EventKind, Leaving, OpenSession, SessionEvent, SessionState, Withdraw
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.session import Session
from sparring.broker.majordomo.timers import Timers
from sparring.broker.majordomo.watches import Watches
from sparring.broker.majordomo.worker import Worker

_MISSES = 2
"""A session that so many lists in a row do not name is gone: one may have crossed the message that told of its end."""


@dataclass(slots=True, eq=False)
class Away:
    """What is left of a worker whose stream has ended, until its lease lapses or it comes back.

    Attributes:
        sessions: what it held, by token.
        announced: what it can run.
        service: its service.
        incarnation: the count of its last stream.
        lost: its sessions are lost if it does not come back; false after it left for draining.
    """

    service: str
    incarnation: int
    announced: frozenset[str]
    lost: bool
    sessions: dict[str, Session] = field(default_factory=dict)


class Sessions:
    """All sessions by token. The worker is the arbiter: what it lists is so, what it does not list twice is gone."""

    def __init__(self, rules: Rules, directory: Directory, outbox: Outbox, timers: Timers[DueKey]) -> None:
        self._rules = rules
        self._directory = directory
        self._outbox = outbox
        self._timers = timers
        self._by_token: dict[str, Session] = {}
        self._unwanted: Memory[str, bool] = Memory(keep_s=rules.memory_s, limit=rules.max_memories)
        self._over: Memory[str, bool] = Memory(keep_s=rules.memory_s, limit=rules.max_memories)
        self.away: dict[str, Away] = {}
        self.watches = Watches(rules, outbox, timers)
        self.slots_changed = False
        """Some worker may have more free slots than before: waiting bundles are to be looked at."""
        self.broken: set[int] = set()
        """Bundles that lost a slot before they were granted: to be taken back."""

    def find(self, token: str) -> Session | None:
        """Return the session, or None if it is not known."""
        return self._by_token.get(token)

    def of_run(self, run: str) -> list[str]:
        """Return the tokens of all sessions on behalf of a run."""
        return [session.token for session in self._by_token.values() if session.run == run]

    def unwanted(self, token: str) -> bool:
        """Return whether the token was released or withdrawn lately."""
        return token in self._unwanted

    def announced_away(self, service: str) -> frozenset[str]:
        """Return the components of workers of a service that are away, and may be back in a moment."""
        return frozenset().union(*(away.announced for away in self.away.values() if away.service == service))

    def add(self, session: Session, worker: Worker) -> None:
        """Keep a new session in the worker's books."""
        if len(worker.sessions) >= self._rules.max_sessions_per_worker:
            oldest = next(iter(worker.sessions))  # only one with unlimited slots has so many; it holds them, untold
            del worker.sessions[oldest], self._by_token[oldest]
        worker.sessions[session.token] = self._by_token[session.token] = session

    def reported(self, worker: Worker, listed: Iterable[OpenSession], now: float) -> None:
        """Correct the books by what a worker says it holds."""
        named: set[str] = set()
        for told in listed:
            named.add(told.token)
            self._learn(worker, told, now)
        for session in [session for session in worker.sessions.values() if session.token not in named]:
            if session.reported and session.state is not None:
                session.missed += 1
                if session.missed >= _MISSES:
                    self._remove(session)
                    self._end(session, EventKind.LOST, "SESSION_UNKNOWN", "Its worker does not hold it any more.", now)
        if worker.refusal:
            worker.refusal = ""
            self.slots_changed = True

    def ended(self, worker: Worker, event: SessionEvent, now: float) -> None:
        """Take a worker's word that a session is over."""
        session = self._by_token.get(event.token)
        if session is not None and session.worker_id != worker.ready.worker_id:
            return  # it speaks of another one's session
        if session is not None:
            self._remove(session)
        worker.refusal = ""
        self.slots_changed = True
        self._over.put(event.token, True, now)
        self.watches.ended(event, now)

    def withdraw(self, session: Session, now: float, *, tell: bool = True) -> None:
        """Take back a session that was never granted: its slot is free at once.

        Args:
            session: the session; one that is gone is fine.
            now: the time.
            tell: tell its worker; not needed for one that has refused it.
        """
        if self._by_token.get(session.token) is not session:
            return
        session.bundle = None
        worker = self._worker(session)
        self._remove(session)
        self._unwanted.put(session.token, True, now)
        if tell and worker is not None and session.reported:
            self._outbox.tell(worker, Withdraw(session.token), now)

    def release(self, token: str, now: float) -> None:
        """Take back a session from its holder: its slot is free when its worker says so. Any token is fine."""
        self._unwanted.put(token, True, now)
        session = self._by_token.get(token)
        if session is None or session.released:
            return
        session.released = True
        worker = self._worker(session)
        if not session.reported:
            self._remove(session)
            self._end(session, EventKind.ENDED, "", "", now)
        elif worker is not None:
            self._outbox.tell(worker, Withdraw(token), now)

    def left(self, worker: Worker, reason: Leaving | None, now: float) -> None:
        """Keep the sessions of a worker whose stream has ended, or end them.

        Args:
            worker: off the lists already.
            reason: SHUTDOWN and EXPIRED end its sessions now, DRAINING leaves them alone, others let the lease decide.
            now: the time.
        """
        worker_id = worker.ready.worker_id
        detached = reason is Leaving.DRAINING
        if len(self.away) >= self._rules.max_workers:
            self._lose(next(iter(self.away)), None, now)
        away = Away(worker.ready.service, worker.ready.incarnation, worker.announced, lost=not detached)
        for session in list(worker.sessions.values()):
            session.stream = None
            away.sessions[session.token] = session
        worker.sessions.clear()
        self.away[worker_id] = away
        for session in [session for session in away.sessions.values() if not session.open]:
            self._remove(session)
        if reason in (Leaving.SHUTDOWN, Leaving.EXPIRED):
            self._lose(worker_id, reason, now)
        else:
            until = now + self._rules.detached_s if detached else worker.heard + self._rules.lease_s
            self._timers.at(until, (Due.AWAY, worker_id))

    def lapsed(self, worker_id: str, now: float) -> None:
        """End the sessions of a worker that did not come back."""
        self._lose(worker_id, None, now)

    def returned(self, worker: Worker, now: float) -> None:
        """Give a worker its sessions back, and learn which of them it still holds."""
        away = self.away.pop(worker.ready.worker_id, None)
        self._timers.drop((Due.AWAY, worker.ready.worker_id))
        for session in () if away is None else away.sessions.values():
            session.stream = worker.stream
            worker.sessions[session.token] = session
            if session.released:
                self._outbox.tell(worker, Withdraw(session.token), now)
        self.reported(worker, worker.ready.sessions, now)
        self.slots_changed = True

    def watch(self, watch: int, tokens: tuple[str, ...], now: float) -> None:
        """Begin to tell what becomes of sessions."""
        known = {token for token in tokens if (session := self._by_token.get(token)) is not None and session.open}
        self.watches.open(watch, tokens, known, now)

    def _learn(self, worker: Worker, told: OpenSession, now: float) -> None:
        session = self._by_token.get(told.token)
        if session is None:
            self._discover(worker, told, now)
            return
        if session.stream != worker.stream:
            return  # another worker holds it
        session.missed = 0
        session.state = told.state if session.state is not None else None
        session.component, session.run = told.component or session.component, told.run or session.run
        session.endpoint = told.endpoint or session.endpoint
        if told.state is SessionState.EXPECTED and 0 < session.expires < now and not session.released:
            session.released = True
            self._outbox.tell(worker, Withdraw(told.token), now)
            message = "It was not started before its grant expired."
            self.watches.ended(SessionEvent(told.token, EventKind.LOST, "GRANT_EXPIRED", message), now)

    def _discover(self, worker: Worker, told: OpenSession, now: float) -> None:
        """Learn of a session that another broker granted, or this one before it was restarted."""
        if told.token in self._over:
            return  # the list was made before
        ready = worker.ready
        session = Session(
            told.token, ready.service, ready.worker_id, worker.stream, told.component, told.run, told.state,
            told.endpoint or ready.endpoint,
        )  # fmt: skip
        self.add(session, worker)
        if told.token in self._unwanted:
            session.released = True
            self._outbox.tell(worker, Withdraw(told.token), now)
        else:
            self.watches.opened(told.token)

    def _lose(self, worker_id: str, reason: Leaving | None, now: float) -> None:
        away = self.away.pop(worker_id)
        self._timers.drop((Due.AWAY, worker_id))
        for session in away.sessions.values():
            del self._by_token[session.token]
            if reason is Leaving.SHUTDOWN:
                self._end(session, EventKind.LOST, "WORKER_SHUTDOWN", f"Worker {worker_id!r} has shut down.", now)
            elif away.lost:
                message = f"Worker {worker_id!r} has been silent for {self._rules.lease_s:g} s."
                self._end(session, EventKind.LOST, "WORKER_LOST", message, now)

    def _remove(self, session: Session) -> None:
        worker = self._worker(session)
        holder = self.away[session.worker_id].sessions if worker is None else worker.sessions
        del holder[session.token], self._by_token[session.token]
        self._timers.drop((Due.OFFER, session.token))
        self.slots_changed = True
        if session.bundle is not None:
            self.broken.add(session.bundle)

    def _worker(self, session: Session) -> Worker | None:
        return None if session.stream is None else self._directory.workers[session.stream]

    def _end(self, session: Session, kind: EventKind, reason: str, message: str, now: float) -> None:
        if session.released and kind is EventKind.LOST:
            kind, reason, message = EventKind.ENDED, "", ""  # as its holder wished
        self.watches.ended(SessionEvent(session.token, kind, reason, message), now)
