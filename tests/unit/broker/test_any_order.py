"""Whatever happens in whatever order, the promises of the model hold."""

from __future__ import annotations

from typing import TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sparring.broker.majordomo.messages import (
    Admitted,
    Alive,
    Disconnect,
    EventKind,
    Failure,
    Final,
    Leaving,
    OpenSession,
    Partial,
    Refused,
    SessionEnded,
    SessionEvent,
)
from tests.unit.broker.model import Asked, Fake, Model, Sent
from tests.unit.broker.stage import ready_message

Thing = TypeVar("Thing")
SERVICES = st.sampled_from("st")
KINDS = {"p": ("s", 1, 1), "q": ("s", 2, 0), "r": ("s", 1, 2), "u": ("t", 1, 2)}
"""Workers by name: service, calls, slots."""
WHICH = st.integers(0, 1000)
RARELY = st.integers(0, 3).map(lambda dice: dice == 0)
LONG_S = 4000.0
STEPS = 10_000
EXAMPLES = 200


def pick(which: int, things: list[Thing]) -> Thing:
    return things[which % len(things)]


class AnyOrder(RuleBasedStateMachine):
    steps = 0
    """Taken by all machines together."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.stage = self.model.stage

    def having(self, what: str) -> list[Fake]:
        return [fake for fake in self.model.live if getattr(fake, what)]

    def running(self) -> list[tuple[Fake, str]]:
        return [(fake, request) for fake in self.model.live for request in fake.busy]

    @initialize()
    def come(self) -> None:
        for name in KINDS:
            self.ready(name)

    @invariant()
    def promises_hold(self) -> None:
        AnyOrder.steps += 1
        self.model.check()

    # -- workers -----------------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(sorted(KINDS)))
    def ready(self, name: str) -> None:
        """Let a worker come, or come back with the sessions that it still holds."""
        service, calls, slots = KINDS[name]
        number, stream = self.model.order(), self.stage.stream()
        kept = self.model.kept(name)
        self.model.fakes[stream] = Fake(stream, name, service, calls, slots, admitted=kept)
        self.stage.says(
            stream, ready_message(name, service, incarnation=number, calls=calls, slots=slots, sessions=tuple(kept))
        )

    @precondition(lambda self: self.model.live)
    @rule(which=WHICH, freezes=RARELY)
    def freeze_or_thaw(self, which: int, freezes: bool) -> None:
        pick(which, self.model.live).frozen = freezes

    def beat(self, fake: Fake) -> None:
        busy = [request for request in fake.busy if request not in fake.given_up]
        if fake.given_up:
            fake.busy, fake.given_up = busy, []
            fake.used = self.model.order()
        sessions = tuple(OpenSession(token) for token in fake.admitted)
        self.stage.says(fake.stream, Alive(tuple(busy), sessions))

    @precondition(lambda self: self.model.live)
    @rule(which=WHICH, reason=st.sampled_from([None, Leaving.SHUTDOWN, Leaving.DRAINING]), really=RARELY)
    def leave(self, which: int, reason: Leaving | None, really: bool) -> None:
        if not really:
            return
        fake = pick(which, self.model.live)
        if reason is None:
            self.model.leaves(fake)
            self.stage.breaks(fake.stream)
        else:
            self.stage.says(fake.stream, Disconnect(reason))
            if reason is Leaving.SHUTDOWN:
                fake.admitted.clear()

    @precondition(lambda self: self.model.live)
    @rule(which=WHICH, really=RARELY)
    def misbehave(self, which: int, really: bool) -> None:
        if not really:
            return
        fake = pick(which, self.model.live)
        self.stage.says(fake.stream, Final("never heard of"))
        self.model.check()
        assert fake.gone

    @precondition(lambda self: self.running())
    @rule(which=WHICH)
    def answer_in_part(self, which: int) -> None:
        fake, request = pick(which, self.running())
        self.stage.says(fake.stream, Partial(request, b"part"))

    @precondition(lambda self: self.running())
    @rule(which=st.lists(WHICH, min_size=1, max_size=6), well=st.booleans())
    def answer(self, which: list[int], well: bool) -> None:
        for each in which:
            if not self.running():
                return
            fake, request = pick(each, self.running())
            fake.busy.remove(request)
            if request in fake.given_up:
                fake.given_up.remove(request)
            fake.used = self.model.order()
            self.stage.says(fake.stream, Final(request, b"whole") if well else Failure(request, 3, "no"))
            self.model.check()

    @precondition(lambda self: self.model.live and self.model.late)
    @rule(which=WHICH)
    def answer_too_late(self, which: int) -> None:
        request = self.model.late.pop()
        before = len(self.stage.log)
        self.stage.says(pick(which, self.model.live).stream, Final(request, b"late"))
        assert self.stage.log[before:] == []

    # -- slots -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.having("offered"))
    @rule(admits=st.lists(st.integers(0, 5).map(bool), min_size=1, max_size=6))
    def answer_offers(self, admits: list[bool]) -> None:
        for admit in admits:
            if not self.having("offered"):
                return
            fake = self.having("offered")[0]
            token = fake.offered.pop(0)
            if admit:
                fake.admitted.append(token)
            self.stage.says(fake.stream, Admitted(token) if admit else Refused(token))
            self.model.check()

    @precondition(lambda self: self.having("admitted"))
    @rule(which=WHICH, kind=st.sampled_from([EventKind.ENDED, EventKind.LOST, EventKind.HUNG]))
    def end_session(self, which: int, kind: EventKind) -> None:
        fake = pick(which, self.having("admitted"))
        token = fake.admitted.pop(0)
        self.stage.says(fake.stream, SessionEnded(SessionEvent(token, kind)))

    # -- clients -----------------------------------------------------------------------------------------------------

    @rule(
        service=SERVICES,
        clients=st.lists(st.sampled_from("abc"), min_size=1, max_size=4),
        retry_safe=st.booleans(),
        timeout=st.sampled_from([20, None]),
    )
    def call(self, service: str, clients: list[str], retry_safe: bool, timeout: float | None) -> None:
        for client in clients:
            body = str(len(self.model.sent)).encode()
            sent = self.model.sent[body] = Sent(0, service, retry_safe)
            sent.caller = self.stage.call(service, body, client=client, retry_safe=retry_safe, timeout=timeout)
            self.model.check()

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        waiting = [sent for sent in self.model.sent.values() if not sent.over]
        if waiting:
            sent = pick(which, waiting)
            sent.over = True
            self.stage.cancel(sent.caller)

    @rule(wants=st.lists(SERVICES, min_size=1, max_size=2), client=st.sampled_from("abc"), at_head=st.booleans())
    def acquire(self, wants: list[str], client: str, at_head: bool) -> None:
        run = f"run{len(self.model.asked)}"
        asked = self.model.asked[run] = Asked(0, len(wants))
        asked.asker = self.stage.acquire(*wants, client=client, at_head=at_head, run=run, timeout=60)

    @rule(which=WHICH)
    def abandon(self, which: int) -> None:
        waiting = [asked for asked in self.model.asked.values() if not asked.over]
        if waiting:
            asked = pick(which, waiting)
            asked.over = True
            self.stage.do(self.stage.majordomo.abandon, asked.asker)

    @rule(which=WHICH)
    def release(self, which: int) -> None:
        granted = [token for asked in self.model.asked.values() for token in asked.granted]
        if granted:
            self.stage.do(self.stage.majordomo.release, (pick(which, granted),))

    @rule(seconds=st.sampled_from([1, 1, 2, 9]))
    def wait(self, seconds: int) -> None:
        """Let time pass; workers that are not frozen beat."""
        for _ in range(seconds):
            self.stage.advance(1.0)
            self.model.check()
            for fake in self.model.live:
                if not fake.frozen:
                    self.beat(fake)
                    self.model.check()

    def teardown(self) -> None:
        """In the end nobody waits: every call and every bundle gets its answer."""
        self.model.check()
        self.stage.advance(LONG_S)
        self.model.check()
        assert all(sent.over for sent in self.model.sent.values())
        assert all(asked.over for asked in self.model.asked.values())
        assert not self.model.live


@pytest.mark.obligation(15)
@pytest.mark.obligation(24)
@pytest.mark.obligation(28)
def test_the_promises_hold_whatever_happens_in_whatever_order() -> None:
    AnyOrder.steps = 0
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=100,
            deadline=None,
            derandomize=True,
            report_multiple_bugs=False,
            phases=(Phase.generate,),
        ),
    )
    assert AnyOrder.steps - EXAMPLES >= STEPS  # the invariant is looked at once before the first step of each example
