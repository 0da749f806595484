"""Sessions as the broker knows them: granted, learnt, lost, released."""

import pytest

from sparring.broker.majordomo.effects import Happened, WatchEnded
from sparring.broker.majordomo.messages import (
    Alive,
    Disconnect,
    EventKind,
    Leaving,
    Offer,
    OpenSession,
    SessionEnded,
    SessionEvent,
    SessionState,
    Withdraw,
)
from sparring.types.errors import InvalidArgumentError
from tests.unit.broker.stage import LEASE_S, Stage, grant, kinds

OPEN = SessionState.CONNECTED


@pytest.fixture
def stage() -> Stage:
    return Stage()


def listing(*tokens: str, state: SessionState = OPEN) -> Alive:
    return Alive(sessions=tuple(OpenSession(token, state) for token in tokens))


def test_a_watch_tells_first_what_is_and_then_what_becomes(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    assert kinds(stage, watch) == [(token, EventKind.OPEN)]
    stage.says(worker, SessionEnded(SessionEvent(token, EventKind.ENDED)))
    assert kinds(stage, watch) == [(token, EventKind.OPEN), (token, EventKind.ENDED)]
    assert stage.told(watch, WatchEnded)


def test_hung_is_passed_on_with_its_reason(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    watch = stage.watch(grant(stage, worker))
    event = SessionEvent("token1", EventKind.HUNG, "STEP_DEADLINE", "update took 61 s.")
    stage.says(worker, SessionEnded(event))
    assert stage.last(watch, Happened).event == event


def test_a_worker_whose_lease_lapses_loses_its_sessions(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    watch = stage.watch(grant(stage, worker))
    stage.advance(LEASE_S + 0.1)
    assert stage.last(watch, Happened).event.kind is EventKind.LOST
    assert stage.last(watch, Happened).event.reason == "WORKER_LOST"


def test_a_broken_stream_leaves_the_sessions_to_the_lease(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    stage.breaks(worker)
    stage.advance(5)
    back = stage.worker(service="environment", slots=1, incarnation=2, sessions=(token,))
    stage.pass_alive(20, back, message=lambda _: listing(token))
    assert kinds(stage, watch) == [(token, EventKind.OPEN)]


def test_a_worker_that_does_not_come_back_loses_its_sessions(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    stage.advance(2)
    stage.breaks(worker)
    stage.advance(LEASE_S - 2 - 0.1)
    assert kinds(stage, watch) == [(token, EventKind.OPEN)]
    stage.advance(0.2)
    assert kinds(stage, watch)[1:] == [(token, EventKind.LOST)]


def test_a_worker_that_shuts_down_loses_its_sessions_at_once(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    watch = stage.watch(grant(stage, worker))
    stage.says(worker, Disconnect(Leaving.SHUTDOWN))
    assert stage.last(watch, Happened).event.reason == "WORKER_SHUTDOWN"


def test_sessions_of_a_worker_that_left_for_draining_go_on(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    stage.says(worker, Disconnect(Leaving.DRAINING))
    stage.advance(2 * stage.rules.detached_s)
    assert kinds(stage, watch) == [(token, EventKind.OPEN)]


@pytest.mark.obligation(32)
def test_a_restarted_broker_learns_of_sessions_from_ready(stage: Stage) -> None:
    watch = stage.watch("old1", "old2")
    stage.advance(2)
    worker = stage.worker(service="environment", slots=2, sessions=("old1", "old2"))
    assert kinds(stage, watch) == [("old1", EventKind.OPEN), ("old2", EventKind.OPEN)]
    stage.acquire("environment")
    assert stage.told(worker, Offer) == []


def test_a_broker_learns_of_sessions_that_another_broker_granted(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    stage.says(worker, listing("others"))
    stage.acquire("environment")
    assert stage.told(worker, Offer) == []
    stage.says(worker, listing())
    stage.says(worker, listing())
    assert len(stage.told(worker, Offer)) == 1


def test_an_unknown_token_is_lost_after_one_lease(stage: Stage) -> None:
    watch = stage.watch("never heard of")
    stage.advance(LEASE_S - 0.1)
    assert kinds(stage, watch) == []
    stage.advance(0.2)
    assert stage.last(watch, Happened).event.reason == "SESSION_UNKNOWN"
    assert stage.told(watch, WatchEnded)


def test_a_watch_opened_after_the_end_is_told_the_end(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    stage.says(worker, SessionEnded(SessionEvent(token, EventKind.HUNG, "STEP_DEADLINE")))
    watch = stage.watch(token)
    assert kinds(stage, watch) == [(token, EventKind.HUNG)]
    assert stage.told(watch, WatchEnded)


def test_a_watch_of_nothing_ends_at_once(stage: Stage) -> None:
    assert stage.told(stage.watch(), WatchEnded)


def test_a_watch_of_too_many_tokens_is_refused() -> None:
    with pytest.raises(InvalidArgumentError):
        Stage(max_watched_tokens=1).watch("a", "b")


def test_a_session_that_two_lists_do_not_name_is_lost(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    stage.says(worker, listing())
    stage.says(worker, listing(token))
    stage.says(worker, listing())
    assert kinds(stage, watch) == [(token, EventKind.OPEN)]
    stage.says(worker, listing())
    assert kinds(stage, watch)[1:] == [(token, EventKind.LOST)]


def test_a_list_made_before_the_end_does_not_bring_a_session_back(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    stage.says(worker, SessionEnded(SessionEvent(token, EventKind.ENDED)))
    stage.says(worker, listing(token))
    stage.acquire("environment")
    assert len(stage.told(worker, Offer)) == 2


def test_a_grant_that_is_not_used_expires(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    stage.pass_alive(30, worker, message=lambda _: listing(token, state=SessionState.EXPECTED))
    assert kinds(stage, watch) == [(token, EventKind.OPEN)]
    stage.pass_alive(1, worker, message=lambda _: listing(token, state=SessionState.EXPECTED))
    assert stage.last(watch, Happened).event.reason == "GRANT_EXPIRED"
    assert stage.told(worker, Withdraw) == [Withdraw(token)]


def test_a_session_that_was_started_does_not_expire(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    stage.pass_alive(60, worker, message=lambda _: listing(token))
    assert stage.told(worker, Withdraw) == []


def test_a_worker_cannot_end_the_session_of_another_one(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    other = stage.worker("other", "environment", slots=1)
    stage.says(other, SessionEnded(SessionEvent(token, EventKind.HUNG)))
    stage.says(other, listing(token))
    assert kinds(stage, watch) == [(token, EventKind.OPEN)]


def test_the_status_lists_sessions_with_their_state(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=2, calls=3)
    token = grant(stage, worker)
    stage.says(worker, Alive(sessions=(OpenSession(token, SessionState.SUSPENDED, "m:C", "run-1"),)))
    stage.advance(1)
    (service,) = stage.majordomo.services(stage.now)
    (status,) = service.workers
    assert status.sessions == (OpenSession(token, SessionState.SUSPENDED, "m:C", "run-1"),)
    assert (service.name, status.silent_s, status.busy_calls) == ("environment", 1.0, 0)
