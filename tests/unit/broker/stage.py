"""The broker's rules on a stage: a clock moved by hand, names that count, and what everybody was told."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, TypeVar

from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.bundle import Acquisition, Want
from sparring.broker.majordomo.call import Submission
from sparring.broker.majordomo.effects import Effect, Granted, HangUp, Happened, Rejected, Reply, ServiceChanged, Tell
from sparring.broker.majordomo.messages import (
    Admitted,
    Announcement,
    Endpoint,
    EventKind,
    FromWorker,
    Offer,
    OpenSession,
    Ready,
    Refused,
    Request,
    ToWorker,
    Withdraw,
)
from sparring.broker.majordomo.rules import Rules

Kind = TypeVar("Kind")

ENDPOINT = Endpoint("127.0.0.1:7777")
HEARTBEAT_S = 2.5
LEASE_S = 7.5


class Stage:
    """One broker without gRPC."""

    def __init__(self, **rules: Any) -> None:
        self.now = 1000.0
        self.rules = Rules(**rules)
        tokens = itertools.count(1)
        self.majordomo = Majordomo(self.rules, broker_id="b", new_token=lambda: f"token{next(tokens)}")
        self.heard: dict[int, list[Any]] = {}
        self.log: list[tuple[int, Any]] = []
        self.health: dict[str, bool | None] = {}
        self._peers = itertools.count(1)
        self._answered: set[str] = set()

    def do(self, event: Callable[..., list[Effect]], *arguments: Any) -> None:
        """Let something happen now, and note who is told what."""
        for effect in event(*arguments, self.now):
            if isinstance(effect, ServiceChanged):
                self.health[effect.name] = effect.serving
            else:
                told = effect.message if isinstance(effect, Tell) else effect
                self.heard.setdefault(effect.to, []).append(told)
                self.log.append((effect.to, told))

    def advance(self, seconds: float) -> None:
        """Let time pass; what falls due happens on time."""
        until = self.now + seconds
        while self.majordomo.next_due <= until:
            self.now = max(self.now, self.majordomo.next_due)
            self.do(self.majordomo.tick)
        self.now = until

    def pass_alive(self, seconds: float, *streams: int, message: Callable[[int], FromWorker]) -> None:
        """Let time pass while these workers send a message each second."""
        for _ in range(int(seconds)):
            self.advance(1.0)
            for stream in streams:
                self.says(stream, message(stream))

    def stream(self) -> int:
        """Open a worker's stream that has sent nothing yet."""
        stream = next(self._peers)
        self.do(self.majordomo.opened, stream)
        return stream

    def worker(self, worker_id: str = "w", service: str = "echo", **ready: Any) -> int:
        """Register a worker; returns its stream."""
        stream = self.stream()
        self.says(stream, ready_message(worker_id, service, **ready))
        return stream

    def says(self, stream: int, message: FromWorker) -> None:
        """Let a worker send a message."""
        if isinstance(message, Admitted | Refused):
            self._answered.add(message.token)
        self.do(self.majordomo.received, stream, message)

    def admits(self, *streams: int) -> None:
        """Let workers admit every offer that is open."""
        for stream in streams:
            for offer in self.told(stream, Offer):
                if offer.token not in self._answered and Withdraw(offer.token) not in self.told(stream, Withdraw):
                    self.says(stream, Admitted(offer.token))

    def breaks(self, stream: int) -> None:
        """Let a worker's stream end."""
        self.do(self.majordomo.closed, stream)

    def call(
        self, service: str = "echo", body: bytes = b"?", *, client: str = "c", timeout: float | None = None, **sent: Any
    ) -> int:
        """Let a client call a service; returns the caller."""
        caller = next(self._peers)
        deadline = None if timeout is None else self.now + timeout
        self.do(self.majordomo.submit, Submission(caller, service, body, client, deadline, **sent))
        return caller

    def cancel(self, caller: int) -> None:
        """Let a caller go."""
        self.do(self.majordomo.cancel, caller)

    def acquire(self, *wants: str, client: str = "c", timeout: float | None = None, **asked: Any) -> int:
        """Let a client ask for a bundle; `service` or `service=component` each. Labels are their places."""
        asker = next(self._peers)
        deadline = None if timeout is None else self.now + timeout
        slots = tuple(Want(str(place), *want.split("=")) for place, want in enumerate(wants))
        self.do(self.majordomo.acquire, Acquisition(asker, client, slots, deadline=deadline, **asked))
        return asker

    def watch(self, *tokens: str) -> int:
        """Let a holder watch sessions."""
        watch = next(self._peers)
        self.do(self.majordomo.watch, watch, tokens)
        return watch

    def told(self, peer: int, kind: type[Kind]) -> list[Kind]:
        """Return what a peer was told, of one kind."""
        return [each for each in self.heard.get(peer, []) if isinstance(each, kind)]

    def last(self, peer: int, kind: type[Kind]) -> Kind:
        """Return the last thing of one kind that a peer was told."""
        return self.told(peer, kind)[-1]

    def request(self, stream: int) -> Request:
        """Return the last request that a worker got."""
        return self.last(stream, Request)

    def reason(self, peer: int) -> str:
        """Return why a call, an acquisition or a watch was rejected."""
        return self.last(peer, Rejected).error.reason

    def replies(self, caller: int) -> list[tuple[bytes | None, bool]]:
        """Return what a caller got."""
        return [(reply.body, reply.final) for reply in self.told(caller, Reply)]

    def hung_up(self, stream: int) -> str | None:
        """Return the reason with which a stream was ended, "" for well, None if it was not."""
        ends = self.told(stream, HangUp)
        if not ends:
            return None
        return ends[0].error.reason if ends[0].error is not None else ""

    def since(self, stream: int, already: int) -> list[ToWorker | Any]:
        """Return what a peer was told after the first `already` things."""
        return self.heard.get(stream, [])[already:]


def ready_message(worker_id: str = "w", service: str = "echo", **ready: Any) -> Ready:
    """Return a Ready; `sessions` are tokens, `announces` names of components."""
    sessions = tuple(OpenSession(token) for token in ready.pop("sessions", ()))
    announcements = tuple(Announcement(name) for name in ready.pop("announces", ()))
    given: dict[str, Any] = {"incarnation": 1, "endpoint": ENDPOINT, **ready}
    return Ready(worker_id=worker_id, service=service, sessions=sessions, announcements=announcements, **given)


def grant(stage: Stage, worker: int, *, service: str = "environment") -> str:
    """Have one slot granted; returns the token."""
    asker = stage.acquire(service)
    token = stage.last(worker, Offer).token
    stage.says(worker, Admitted(token))
    assert stage.last(asker, Granted).grants["0"].token == token
    return token


def kinds(stage: Stage, watch: int) -> list[tuple[str, EventKind]]:
    """Return what a watch was told, session by session."""
    return [(each.event.token, each.event.kind) for each in stage.told(watch, Happened)]
