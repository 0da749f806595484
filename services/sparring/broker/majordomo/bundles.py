"""The queue of bundles: all or nothing, fair over clients, without deadlock and without starving anybody.

Each look goes through the queue in its order. A bundle whose slots are all free has them offered. One that has to wait
sets aside the free slots that it could use, in the same look, so that later bundles see only what is left: a later one
passes it exactly where that takes nothing from it. What is set aside for a bundle only grows as sessions end, so the
first of the queue cannot be starved; and nothing is held while waiting, because a look ends with nothing but offers.
A bundle that the present workers could not hold even if all their slots were free sets nothing aside: it waits for new
workers, and would only stand in the way of the others.
"""

from __future__ import annotations

from collections.abc import Callable

from sparring.broker.majordomo.bundle import Acquisition, Bundle
from sparring.broker.majordomo.directory import Directory
from sparring.broker.majordomo.draining import stopping
from sparring.broker.majordomo.due import Due, DueKey
from sparring.broker.majordomo.effects import Grant, Granted, Rejected, Waiting
from sparring.broker.majordomo.fair_queue import FairQueue
from sparring.broker.majordomo.messages import Endpoint, Offer, SessionState
from sparring.broker.majordomo.obstacles import Obstacles
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.reaching import can_be_reached, granted_endpoint
from sparring.broker.majordomo.room import Room
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.session import Session
from sparring.broker.majordomo.sessions import Sessions
from sparring.broker.majordomo.tally import Tally
from sparring.broker.majordomo.timers import Timers
from sparring.broker.majordomo.worker import Worker
from sparring.types.errors import DeadlineError, ExhaustedError, SparringError

_REFRAIN_BEATS = 2
"""A worker that refused gets no offer for so many heartbeats, unless it tells sooner what it holds."""


class Bundles:
    """All bundles that are not yet granted."""

    def __init__(
        self,
        rules: Rules,
        directory: Directory,
        sessions: Sessions,
        outbox: Outbox,
        timers: Timers[DueKey],
        tally: Tally,
        new_token: Callable[[], str],
    ) -> None:
        self._rules = rules
        self._directory = directory
        self._sessions = sessions
        self._outbox = outbox
        self._timers = timers
        self._tally = tally
        self._new_token = new_token
        self._obstacles = Obstacles(directory, sessions)
        self._number = 0
        self._offers = 0
        self._by_asker: dict[int, Bundle] = {}
        self._by_number: dict[int, Bundle] = {}
        self._draining = False
        self.queue: FairQueue[Bundle] = FairQueue()

    def acquire(self, asked: Acquisition, now: float) -> None:
        """Put a bundle into the queue; the next look may grant it.

        Raises:
            InvalidArgumentError: BUNDLE_INVALID.
            ExhaustedError: QUEUE_FULL.
            UnavailableError: DRAINING.
        """
        if self._draining:
            raise stopping()
        asked.check(self._rules)
        theirs = self.queue.count(asked.client_id)
        if len(self.queue) >= self._rules.max_bundles or theirs >= self._rules.max_bundles_per_client:
            raise ExhaustedError(
                "QUEUE_FULL",
                f"{len(self.queue)} bundles wait, {theirs} of them of client {asked.client_id!r}; no more now.",
                retry_after_ms=1000,
            )
        self._number += 1
        bundle = Bundle(self._number, asked, now)
        self._by_asker[asked.asker] = self._by_number[bundle.number] = bundle
        self.queue.push(bundle.number, asked.client_id, bundle, at_head=asked.at_head)
        until = self._rules.patience(asked.deadline, self._rules.bundle_wait_s, now)
        self._timers.at(until, (Due.BUNDLE, bundle.number))
        self._sessions.slots_changed = True

    def abandon(self, asker: int, now: float) -> None:
        """Take a bundle out of the queue whose asker is gone; one that was granted is fine."""
        bundle = self._by_asker.get(asker)
        if bundle is not None:
            self._take_back(bundle, now)
            self._leave(bundle)

    def admitted(self, worker: Worker, token: str, endpoint: Endpoint | None, now: float) -> bool:
        """Note that a worker took an offer. False if there was none."""
        session = self._offered(worker, token)
        if session is None:
            return self._sessions.unwanted(token)
        session.endpoint = endpoint or session.endpoint
        if not can_be_reached(session, worker, self._rules):
            return self.refused(worker, token, "ENDPOINT_UNKNOWN: the worker said nowhere how to reach it", now)
        session.state = SessionState.EXPECTED
        self._timers.drop((Due.OFFER, token))
        self._grant_if_complete(self._by_number[session.bundle or 0])
        return True

    def refused(self, worker: Worker, token: str, why: str, now: float) -> bool:
        """Take back the whole bundle; the worker gets no offer for a while. False if there was none."""
        session = self._offered(worker, token)
        if session is None:
            return self._sessions.unwanted(token)
        self._tally.refused += 1
        self._refrain(worker, why, now)
        bundle = self._by_number[session.bundle or 0]
        self._sessions.withdraw(session, now, tell=why.startswith("ENDPOINT"))
        self._take_back(bundle, now)
        return True

    def unanswered(self, token: str, now: float) -> None:
        """Take back a bundle one of whose offers was not answered in time."""
        session = self._sessions.find(token)
        if session is not None and session.bundle is not None and session.stream is not None:
            worker = self._directory.workers[session.stream]
            self._refrain(worker, "it did not answer an offer in time", now)
            self._take_back(self._by_number[session.bundle], now)

    def offer_again(self, stream: int, now: float) -> None:
        """Believe a worker to have free slots again that has told nothing since it refused."""
        worker = self._directory.workers.get(stream)
        if worker is not None and worker.refusal:
            worker.refusal = ""
            self._sessions.slots_changed = True

    def expired(self, number: int, now: float) -> None:
        """Tell the asker of a bundle that it waited in vain."""
        bundle = self._by_number[number]
        self._take_back(bundle, now)
        lacking = (
            "; ".join(self._obstacles.lacking(bundle, Room(self._directory, free=True).match(bundle)))
            or "others came first"
        )
        self._reject(
            bundle,
            DeadlineError(
                "BUNDLE_UNAVAILABLE", f"Not free in {now - bundle.arrived:.1f} s: {lacking}.", lacking=lacking
            ),
        )

    def look(self, now: float) -> None:
        """Take back what is broken, then offer what is free to those who are next."""
        while self._sessions.broken or self._sessions.slots_changed:
            for number in sorted(self._sessions.broken):
                self._take_back(self._by_number[number], now)
            self._sessions.broken.clear()
            self._sessions.slots_changed = False
            self._offer_what_is_free(now)

    def drain(self, now: float) -> None:
        """Take no more bundles, and send away those that wait."""
        self._draining = True
        for bundle in list(self._by_number.values()):
            self._take_back(bundle, now)
            self._reject(bundle, stopping())

    def _offer_what_is_free(self, now: float) -> None:
        room = Room(self._directory, free=True)
        position = 0
        for bundle in list(self.queue):
            if not bundle.placed:
                error = self._obstacles.component_unknown(bundle)
                if error is not None:
                    self._reject(bundle, error)
                    continue
                hosts = room.match(bundle)
                if len(hosts) == len(bundle.asked.wants):
                    room.take(bundle, hosts)
                    self._offer(bundle, hosts, now)
                else:
                    if self._obstacles.possible(bundle):
                        room.take(bundle, hosts)
                    self._tell(bundle, position, self._obstacles.lacking(bundle, hosts))
            position += bundle.number in self.queue

    def _offer(self, bundle: Bundle, hosts: dict[str, Worker], now: float) -> None:
        asked = bundle.asked
        expires = now + (self._rules.grant_s if asked.grant_s is None else asked.grant_s)
        for want in asked.wants:
            worker = hosts[want.label]
            ready = worker.ready
            session = Session(
                self._new_token(), want.service, ready.worker_id, worker.stream, want.component, asked.run,
                endpoint=ready.endpoint, expires=expires, bundle=bundle.number,
            )  # fmt: skip
            self._sessions.add(session, worker)
            bundle.placed[want.label] = session
            self._offers += 1
            worker.offered = self._offers
            if ready.slots_unlimited:
                session.state, session.reported = SessionState.EXPECTED, False
            else:
                self._outbox.tell(worker, Offer(session.token, want.component, expires, asked.run), now)
                self._timers.at(now + self._rules.offer_s, (Due.OFFER, session.token))
        self._grant_if_complete(bundle)

    def _grant_if_complete(self, bundle: Bundle) -> None:
        if any(session.state is None for session in bundle.placed.values()):
            return
        grants: dict[str, Grant] = {}
        for label, session in bundle.placed.items():
            session.bundle = None
            endpoint = granted_endpoint(session, self._rules)
            grants[label] = Grant(session.token, session.worker_id, session.service, endpoint, session.expires)
        self._tally.granted += 1
        self._outbox.add(Granted(bundle.asked.asker, grants))
        self._leave(bundle, served=True)

    def _refrain(self, worker: Worker, why: str, now: float) -> None:
        worker.refusal = why
        self._timers.at(now + _REFRAIN_BEATS * self._rules.heartbeat_s, (Due.REFUSAL, worker.stream))

    def _take_back(self, bundle: Bundle, now: float) -> None:
        for session in bundle.placed.values():
            self._sessions.withdraw(session, now)
        bundle.placed.clear()
        self._sessions.slots_changed = True

    def _leave(self, bundle: Bundle, *, served: bool = False) -> None:
        self.queue.remove(bundle.number, served=served)
        del self._by_number[bundle.number], self._by_asker[bundle.asked.asker]
        self._timers.drop((Due.BUNDLE, bundle.number))
        self._sessions.slots_changed = True  # the others have moved up

    def _reject(self, bundle: Bundle, error: SparringError) -> None:
        self._outbox.add(Rejected(bundle.asked.asker, error))
        self._leave(bundle)

    def _tell(self, bundle: Bundle, position: int, lacking: tuple[str, ...]) -> None:
        if bundle.told != (position, lacking):
            bundle.told = (position, lacking)
            self._outbox.add(Waiting(bundle.asked.asker, position, lacking))

    def _offered(self, worker: Worker, token: str) -> Session | None:
        session = self._sessions.find(token)
        mine = session is not None and session.stream == worker.stream
        return session if mine and session is not None and session.state is None else None
