"""Sessions that their holders give back."""

import pytest

from sparring.broker.majordomo.messages import (
    Alive,
    EventKind,
    Offer,
    OpenSession,
    SessionEnded,
    SessionEvent,
    SessionState,
    Withdraw,
)
from tests.unit.broker.stage import LEASE_S, Stage, grant, kinds

OPEN = SessionState.CONNECTED


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_release_withdraws_and_frees_the_slot_when_the_worker_confirms(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    stage.do(stage.majordomo.release, (token,))
    assert stage.told(worker, Withdraw) == [Withdraw(token)]
    stage.acquire("environment")
    assert len(stage.told(worker, Offer)) == 1
    stage.says(worker, SessionEnded(SessionEvent(token, EventKind.ENDED)))
    assert len(stage.told(worker, Offer)) == 2


def test_release_is_idempotent_and_takes_any_token(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    for _ in range(2):
        stage.do(stage.majordomo.release, (token, "never heard of"))
    assert stage.told(worker, Withdraw) == [Withdraw(token)]


def test_who_takes_a_run_over_gives_back_all_that_is_held_on_its_behalf_and_nothing_else(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=3)
    mine = OpenSession("mine", OPEN, run="play-1")
    stage.says(worker, Alive(sessions=(mine, OpenSession("other", OPEN, run="play-2"))))
    stage.do(stage.majordomo.release_run, "play-1")
    assert stage.told(worker, Withdraw) == [Withdraw("mine")]
    stage.do(stage.majordomo.release_run, "nobody's")
    assert stage.told(worker, Withdraw) == [Withdraw("mine")]


def test_a_released_session_turns_up_as_ended_not_as_lost(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    watch = stage.watch(token)
    stage.do(stage.majordomo.release, (token,))
    stage.advance(LEASE_S + 0.1)
    assert kinds(stage, watch)[1:] == [(token, EventKind.ENDED)]


def test_a_session_released_while_its_worker_is_away_is_withdrawn_when_it_returns(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    stage.breaks(worker)
    stage.do(stage.majordomo.release, (token,))
    back = stage.worker(service="environment", slots=1, incarnation=2, sessions=(token,))
    assert stage.told(back, Withdraw) == [Withdraw(token)]


def test_a_token_released_before_anybody_reported_it_is_withdrawn_when_it_turns_up(stage: Stage) -> None:
    stage.do(stage.majordomo.release, ("old",))
    worker = stage.worker(service="environment", slots=1, sessions=("old",))
    assert stage.told(worker, Withdraw) == [Withdraw("old")]


def test_a_released_session_of_a_worker_that_was_thought_dead_is_withdrawn_when_it_returns(stage: Stage) -> None:
    worker = stage.worker(service="environment", slots=1)
    token = grant(stage, worker)
    stage.do(stage.majordomo.release, (token,))
    stage.advance(LEASE_S + 0.1)
    back = stage.worker(service="environment", slots=1, incarnation=2, sessions=(token,))
    assert stage.told(back, Withdraw) == [Withdraw(token)]
