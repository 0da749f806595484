"""What workers and clients may rely on: a simple model that checks each effect as it comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sparring.broker.majordomo.effects import Failed, Granted, HangUp, Rejected, Reply
from sparring.broker.majordomo.messages import Cancel, Offer, Request, Welcome, Withdraw
from tests.unit.broker.stage import Stage

MAX_ATTEMPTS = 3


@dataclass
class Fake:
    """A worker: what it has, and when it was last used."""

    stream: int
    name: str
    service: str
    calls: int
    slots: int
    used: int = 0
    busy: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    admitted: list[str] = field(default_factory=list)
    gone: bool = False
    frozen: bool = False


@dataclass
class Sent:
    """A call, under its body, which no other call has."""

    caller: int
    service: str
    retry_safe: bool
    given_to: list[int] = field(default_factory=list)
    partial: bool = False
    over: bool = False


@dataclass
class Asked:
    """A bundle, under its run, which no other bundle has."""

    asker: int
    wants: int
    granted: tuple[str, ...] = ()
    over: bool = False


class Model:
    """Everybody who deals with one broker."""

    def __init__(self) -> None:
        self.stage = Stage(max_attempts=MAX_ATTEMPTS)
        self.fakes: dict[int, Fake] = {}
        self.sent: dict[bytes, Sent] = {}
        self.asked: dict[str, Asked] = {}
        self.run_of: dict[str, str] = {}
        self.late: list[str] = []
        self.executed: list[bytes] = []
        self._order = 0
        self._read = 0

    @property
    def live(self) -> list[Fake]:
        """Workers that were welcomed and have not left."""
        return [fake for fake in self.fakes.values() if fake.used and not fake.gone]

    def order(self) -> int:
        """Return a number above all others so far."""
        self._order += 1
        return self._order

    def leaves(self, fake: Fake) -> None:
        """Note that a worker is off: nothing may be sent to it any more."""
        fake.gone = True
        self.late += fake.busy
        fake.busy.clear()

    def kept(self, name: str) -> list[str]:
        """Return the granted sessions that a worker still holds, whatever became of its stream."""
        former = [fake for fake in self.fakes.values() if fake.name == name]
        return [token for token in former[-1].admitted if self.asked[self.run_of[token]].granted] if former else []

    def check(self) -> None:
        """Look at every effect that is new, then at the state as a whole."""
        while self._read < len(self.stage.log):
            peer, told = self.stage.log[self._read]
            self._read += 1
            if peer in self.fakes:
                self._to_worker(self.fakes[peer], told)
            else:
                self._to_client(peer, told)
        self._check_queues()
        self._check_sessions()

    def _to_worker(self, fake: Fake, told: Any) -> None:
        assert not fake.gone, f"{told} after the end"
        match told:
            case Welcome():
                fake.used = self.order()
            case Request():
                self._requested(fake, told)
            case Cancel(request_id):
                assert request_id in fake.busy
                fake.given_up.append(request_id)
            case Offer():
                fake.offered.append(told.token)
                self.run_of[told.token] = told.run
            case Withdraw(token):
                if token in fake.offered:
                    fake.offered.remove(token)
                elif token in fake.admitted and not self.asked[self.run_of[token]].granted:
                    fake.admitted.remove(token)
            case HangUp():
                self.leaves(fake)

    def _requested(self, fake: Fake, request: Request) -> None:
        idle = [each for each in self.live if each.service == fake.service and len(each.busy) < each.calls]
        assert fake in idle, "more calls than the worker takes"
        assert fake.used == min(each.used for each in idle), "not the least recently used worker"
        sent = self.sent[request.body]
        assert not sent.over
        assert sent.service == fake.service
        sent.given_to.append(fake.stream)
        assert request.attempt == len(sent.given_to) <= (MAX_ATTEMPTS if sent.retry_safe else 1)
        assert not (sent.partial and len(sent.given_to) > 1), "repeated after an answer"
        fake.busy.append(request.request_id)
        fake.used = self.order()

    def _to_client(self, peer: int, told: Any) -> None:
        for sent in self.sent.values():
            if sent.caller == peer:
                assert not sent.over, f"{told} after the end"
                sent.partial = sent.partial or (isinstance(told, Reply) and not told.final)
                sent.over = isinstance(told, Failed | Rejected) or told.final
        for asked in self.asked.values():
            if asked.asker == peer:
                assert not asked.over, f"{told} after the end"
                asked.over = isinstance(told, Granted | Rejected)
                if isinstance(told, Granted):
                    self._granted(asked, told)

    def _granted(self, asked: Asked, told: Granted) -> None:
        asked.granted = tuple(grant.token for grant in told.grants.values())
        held = [token for fake in self.live for token in fake.admitted]
        assert len(asked.granted) == asked.wants, "half a bundle"
        assert set(asked.granted) <= set(held), "granted without being admitted"

    def _check_queues(self) -> None:
        waiting = {service.name: service.queued_calls for service in self.stage.majordomo.services(self.stage.now)}
        running = sum(len(fake.busy) - len(fake.given_up) for fake in self.live)
        open_calls = sum(not sent.over for sent in self.sent.values())
        assert sum(waiting.values()) + running == open_calls, "a call is lost"
        for fake in self.live:
            assert len(fake.busy) == fake.calls or not waiting.get(fake.service), "idle while calls wait"

    def _check_sessions(self) -> None:
        believed = {
            worker.ready.worker_id: {session.token for session in worker.sessions}
            for service in self.stage.majordomo.services(self.stage.now)
            for worker in service.workers
        }
        for fake in self.live:
            assert len(believed[fake.name]) <= fake.slots, "more sessions than slots"
            assert believed[fake.name] == {*fake.offered, *fake.admitted}
            for token in (*fake.offered, *fake.admitted):
                asked = self.asked[self.run_of[token]]
                assert token in asked.granted or not asked.over, "a slot held for nobody"
