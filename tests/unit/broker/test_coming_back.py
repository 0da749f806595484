"""Workers that come back, and what one worker can do to the others."""

import pytest

from sparring.broker.majordomo.messages import (
    Admitted,
    Alive,
    Disconnect,
    EventKind,
    Failure,
    Final,
    FromWorker,
    Leaving,
    Partial,
    Refused,
    Request,
    SessionEnded,
    SessionEvent,
    Welcome,
)
from tests.unit.broker.stage import Stage, ready_message


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.obligation(13)
def test_a_worker_that_was_told_to_go_is_welcome_on_another_stream_and_not_heard_on_the_old_one(stage: Stage) -> None:
    old = stage.worker("w", incarnation=1)
    stage.advance(stage.rules.lease_s)
    assert stage.last(old, Disconnect).reason is Leaving.EXPIRED
    told = len(stage.heard[old])
    back = stage.worker("w", incarnation=2)
    assert stage.told(back, Welcome)
    stage.says(old, Alive())
    stage.call()
    assert stage.told(back, Request)
    assert stage.since(old, told) == []


@pytest.mark.obligation(22)
def test_a_worker_whose_stream_broke_begins_anew_with_the_next_one(stage: Stage) -> None:
    stage.breaks(stage.worker("w", incarnation=1))
    assert stage.majordomo.mmi("mmi.service", "echo") == 404
    back = stage.worker("w", incarnation=1)
    assert stage.told(back, Welcome)
    stage.call()
    assert stage.told(back, Request)


@pytest.mark.obligation(34)
@pytest.mark.parametrize(
    "message",
    [
        ready_message("bad", incarnation=9),
        Alive(busy=("b-1.1",)),
        Final("b-1.1"),
        Partial("b-1.1", b"\x06"),
        Failure("b-1.1", 1),
        Refused("token1"),
        Admitted("token1"),
        SessionEnded(SessionEvent("token1", EventKind.LOST)),
        *(Disconnect(reason) for reason in Leaving),
    ],
    ids=lambda message: type(message).__name__,
)
def test_whatever_one_worker_says_nobody_else_is_told_to_go(stage: Stage, message: FromWorker) -> None:
    good = stage.worker("good")
    told = len(stage.heard[good])
    stage.says(stage.worker("bad"), message)
    assert stage.since(good, told) == []
    stage.call()
    assert stage.told(good, Request)
