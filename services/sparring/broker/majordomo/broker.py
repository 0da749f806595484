"""The whole of the rules: what happened and when goes in, what is to be done comes out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sparring.broker.majordomo.bundle import Acquisition
from sparring.broker.majordomo.bundles import Bundles
from sparring.broker.majordomo.call import Outcome, Submission
from sparring.broker.majordomo.calls import Calls
from sparring.broker.majordomo.conversations import Conversations
from sparring.broker.majordomo.directory import Directory
from sparring.broker.majordomo.due import Due, DueKey
from sparring.broker.majordomo.effects import Effect, Reply
from sparring.broker.majordomo.messages import (
    Admitted,
    Alive,
    Disconnect,
    Failure,
    Final,
    FromWorker,
    Partial,
    Ready,
    Refused,
    SessionEnded,
)
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.registration import check_service_name
from sparring.broker.majordomo.rules import Rules, reserved_service_name
from sparring.broker.majordomo.sessions import Sessions
from sparring.broker.majordomo.status import ServiceStatus, services_status
from sparring.broker.majordomo.tally import Tally
from sparring.broker.majordomo.timers import Timers
from sparring.types.errors import SparringError

_SILENCES = frozenset({Due.READY, Due.LEASE, Due.AWAY, Due.OFFER, Due.UNKNOWN})


class Majordomo:
    """One broker's soft state.

    Peers (worker streams, callers, askers, watches) are numbers of the caller's, each used once. Methods take the time
    and return the effects to be carried out, in order; those that refuse a request raise. `tick` is to be called at
    `next_due`: a later call is taken as a stall of this process, not as silence of the others.
    """

    def __init__(self, rules: Rules, *, broker_id: str, new_token: Callable[[], str]) -> None:
        """Start with nothing.

        Args:
            rules: rates and bounds.
            broker_id: name of this broker's life; in the names of requests and leases.
            new_token: makes the secret names of sessions.
        """
        self.rules = rules
        self.tally = Tally()
        self._outbox = Outbox()
        self._timers: Timers[DueKey] = Timers()
        self._directory = Directory(rules, self._outbox)
        self._calls = Calls(rules, self._directory, self._outbox, self._timers, self.tally, broker_id)
        self._sessions = Sessions(rules, self._directory, self._outbox, self._timers)
        self.session = self._sessions.find  # as they stand, for the relay
        self.worker, self.worker_named = self._directory.workers.get, self._directory.worker_named
        self._bundles = Bundles(
            rules, self._directory, self._sessions, self._outbox, self._timers, self.tally, new_token
        )
        self._conversations = Conversations(
            rules, self._directory, self._calls, self._sessions, self._outbox, self._timers, self.tally, broker_id
        )
        self._on_message: dict[type, Callable[[Any, Any, float], bool]] = {
            Alive: self._alive,
            Partial: lambda worker, said, now: self._calls.replied(worker, said.request_id, said.body),
            Final: lambda worker, said, now: self._calls.finished(worker, said.request_id, Outcome(said.body), now),
            Failure: self._failure,
            Admitted: lambda worker, said, now: self._bundles.admitted(worker, said.token, said.endpoint, now),
            Refused: self._refused,
            SessionEnded: self._session_ended,
            Ready: lambda worker, said, now: False,
        }
        self._on_due: dict[Due, Callable[[Any, float], None]] = {
            Due.READY: self._conversations.not_ready,
            Due.LEASE: self._conversations.lease,
            Due.BEAT: self._conversations.beat,
            Due.AWAY: self._sessions.lapsed,
            Due.QUEUED: self._calls.waited,
            Due.ORPHANED: self._calls.orphaned,
            Due.OFFER: self._bundles.unanswered,
            Due.REFUSAL: self._bundles.offer_again,
            Due.BUNDLE: self._bundles.expired,
            Due.UNKNOWN: self._sessions.watches.unknown,
        }

    # -- workers -----------------------------------------------------------------------------------------------------

    def opened(self, stream: int, now: float) -> list[Effect]:
        """A worker's stream has begun; Ready must follow."""
        self._conversations.opened(stream, now)
        return self._settled(now)

    def received(self, stream: int, message: FromWorker, now: float) -> list[Effect]:
        """A worker has sent a message. Those on streams that were hung up are dropped."""
        worker = self._directory.workers.get(stream)
        if worker is None:
            self._conversations.first(stream, message, now)
        elif isinstance(message, Disconnect):
            self._conversations.said_goodbye(worker, message.reason, now)
        else:
            worker.heard = now
            if not self._on_message[type(message)](worker, message, now):
                self._conversations.unexpected(worker, message, now)
        return self._settled(now)

    def malformed(self, stream: int, error: SparringError, now: float) -> list[Effect]:
        """A worker has sent something that is no message: its stream ends with this error."""
        self._conversations.malformed(stream, error, now)
        return self._settled(now)

    def closed(self, stream: int, now: float) -> list[Effect]:
        """A worker's stream has ended, in whatever way."""
        self._conversations.closed(stream, now)
        return self._settled(now)

    # -- clients -----------------------------------------------------------------------------------------------------

    def submit(self, sent: Submission, now: float) -> list[Effect]:
        """A client calls a service, or the broker itself (`mmi.`).

        Raises:
            SparringError: refused; see `Calls.submit`, and InvalidArgumentError SERVICE_NAME_INVALID.
        """
        if reserved_service_name(sent.service):
            code = self.mmi(sent.service, sent.body.decode("utf-8", "replace"))
            self._outbox.add(Reply(sent.caller, str(code).encode(), final=True))
        else:
            check_service_name(sent.service)
            self._calls.submit(sent, now)
        return self._settled(now)

    def cancel(self, caller: int, now: float) -> list[Effect]:
        """A caller is gone."""
        self._calls.cancel(caller, now)
        return self._settled(now)

    def acquire(self, asked: Acquisition, now: float) -> list[Effect]:
        """A client asks for a bundle.

        Raises:
            SparringError: refused; see `Bundles.acquire`.
        """
        self._bundles.acquire(asked, now)
        return self._settled(now)

    def abandon(self, asker: int, now: float) -> list[Effect]:
        """An asker is gone before it was granted its bundle."""
        self._bundles.abandon(asker, now)
        return self._settled(now)

    def release(self, tokens: tuple[str, ...], now: float) -> list[Effect]:
        """A holder gives back sessions."""
        for token in tokens:
            self._sessions.release(token, now)
        return self._settled(now)

    def release_run(self, run: str, now: float) -> list[Effect]:
        """Who takes a run over gives back what is held on its behalf."""
        return self.release(tuple(self._sessions.of_run(run)), now)

    def watch(self, watch: int, tokens: tuple[str, ...], now: float) -> list[Effect]:
        """A holder wants to be told what becomes of its sessions.

        Raises:
            InvalidArgumentError: TOO_MANY_TOKENS.
        """
        self._sessions.watch(watch, tokens, now)
        return self._settled(now)

    def unwatch(self, watch: int, now: float) -> list[Effect]:
        """A watcher is gone."""
        self._sessions.watches.close(watch)
        return self._settled(now)

    def mmi(self, name: str, body: str) -> int:
        """Answer a query of RFC 8/MMI."""
        if name != "mmi.service":
            return 501
        return 200 if self._directory.has_worker(body) else 404

    # -- the broker itself -------------------------------------------------------------------------------------------

    @property
    def next_due(self) -> float:
        """When `tick` is to be called; infinity if nothing is due."""
        return self._timers.next

    def tick(self, now: float) -> list[Effect]:
        """The time has come for something."""
        late_s = now - self._timers.next
        if self.rules.heartbeat_s < late_s < math.inf:
            # We were stopped, not the others: what they sent meanwhile has yet to be read.
            self._conversations.stalled(late_s)
            self._timers.delay(late_s, lambda key: key[0] in _SILENCES)
        while (key := self._timers.due(now)) is not None:
            self._on_due[key[0]](key[1], now)
        return self._settled(now)

    def services(self, now: float) -> list[ServiceStatus]:
        """Return what runs where, and who waits for what."""
        return services_status(self._directory, self._bundles, self.rules.lease_s, now)

    def drain(self, now: float) -> list[Effect]:
        """Begin to shut down: who waits is sent away, workers are told when their last call has ended."""
        self._calls.drain()
        self._bundles.drain(now)
        self._sessions.watches.drain()
        self._conversations.drain(now)
        return self._settled(now)

    def stop(self, now: float) -> list[Effect]:
        """End every conversation, whatever still runs."""
        self._conversations.stop(now)
        return self._settled(now)

    @property
    def drained(self) -> bool:
        """Whether every worker has gone, or has been let go."""
        return not self._directory.workers

    # -- steps -------------------------------------------------------------------------------------------------------

    def _alive(self, worker: Any, said: Alive, now: float) -> bool:
        self._calls.alive(worker, said.busy, now)
        self._sessions.reported(worker, said.sessions, now)
        return True

    def _failure(self, worker: Any, said: Failure, now: float) -> bool:
        outcome = Outcome(None, said.code, said.message, said.details)
        return self._calls.finished(worker, said.request_id, outcome, now)

    def _refused(self, worker: Any, said: Refused, now: float) -> bool:
        why = f"{said.reason}: {said.message}" if said.message else said.reason
        return self._bundles.refused(worker, said.token, why, now)

    def _session_ended(self, worker: Any, said: SessionEnded, now: float) -> bool:
        self._sessions.ended(worker, said.event, now)
        return True

    def _settled(self, now: float) -> list[Effect]:
        self._bundles.look(now)
        self._conversations.let_go(now)
        return self._outbox.taken()
