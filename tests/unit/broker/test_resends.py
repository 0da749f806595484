"""Calls that are sent again under the same name are handled once."""

import pytest

from sparring.broker.majordomo.effects import Failed
from sparring.broker.majordomo.messages import Cancel, Failure, Final, Partial, Request
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError
from tests.unit.broker.stage import Stage

pytestmark = pytest.mark.obligation(31)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def answer(stage: Stage, worker: int, body: bytes = b"!") -> None:
    stage.says(worker, Final(stage.request(worker).request_id, body))


def test_a_resend_attaches_to_the_running_call(stage: Stage) -> None:
    worker = stage.worker(calls=2)
    first = stage.call(name="job")
    second = stage.call(name="job")
    assert len(stage.told(worker, Request)) == 1
    answer(stage, worker)
    assert stage.replies(first) == stage.replies(second) == [(b"!", True)]
    assert stage.majordomo.tally.attached == 1


def test_a_resend_attaches_to_the_queued_call(stage: Stage) -> None:
    stage.call(name="job")
    second = stage.call(name="job")
    worker = stage.worker(calls=2)
    answer(stage, worker)
    assert len(stage.told(worker, Request)) == 1
    assert stage.replies(second) == [(b"!", True)]


def test_a_resend_gets_the_partial_replies_from_the_first_on(stage: Stage) -> None:
    worker = stage.worker()
    stage.call(name="job")
    request = stage.request(worker).request_id
    stage.says(worker, Partial(request, b"1"))
    second = stage.call(name="job")
    stage.says(worker, Partial(request, b"2"))
    stage.says(worker, Final(request))
    assert stage.replies(second) == [(b"1", False), (b"2", False), (None, True)]


def test_a_resend_of_a_finished_call_gets_its_outcome(stage: Stage) -> None:
    worker = stage.worker()
    stage.call(name="job")
    answer(stage, worker)
    second = stage.call(name="job")
    assert stage.replies(second) == [(b"!", True)]
    assert len(stage.told(worker, Request)) == 1


def test_a_failure_that_would_come_again_is_an_outcome(stage: Stage) -> None:
    worker = stage.worker()
    stage.call(name="job")
    stage.says(worker, Failure(stage.request(worker).request_id, 5, "No such run."))
    second = stage.call(name="job")
    assert stage.told(second, Failed) == [Failed(second, 5, "No such run.", b"")]


def test_a_failure_that_asks_for_another_attempt_is_none(stage: Stage) -> None:
    worker = stage.worker()
    stage.call(name="job")
    stage.says(worker, Failure(stage.request(worker).request_id, 14, "Later."))
    stage.call(name="job")
    assert len(stage.told(worker, Request)) == 2


def test_an_outcome_is_forgotten_after_ten_minutes(stage: Stage) -> None:
    stage.call(name="job", client="c")
    worker = stage.worker()
    answer(stage, worker)
    stage.breaks(worker)
    stage.advance(599)
    assert stage.replies(stage.call(name="job")) == [(b"!", True)]
    stage.advance(2)
    assert stage.replies(stage.call(name="job")) == []


def test_the_same_name_of_another_client_is_another_call(stage: Stage) -> None:
    worker = stage.worker(calls=2)
    stage.call(name="job", client="a")
    stage.call(name="job", client="b")
    assert len(stage.told(worker, Request)) == 2


def test_a_name_for_something_else_is_refused(stage: Stage) -> None:
    stage.call(body=b"1", name="job")
    with pytest.raises(InvalidArgumentError) as caught:
        stage.call(body=b"2", name="job")
    assert caught.value.reason == "REQUEST_ID_REUSED"


def test_a_named_call_goes_on_without_its_caller_for_a_while(stage: Stage) -> None:
    worker = stage.worker()
    stage.cancel(stage.call(name="job"))
    assert stage.told(worker, Cancel) == []
    stage.advance(5)
    second = stage.call(name="job")
    stage.advance(2.4)
    answer(stage, worker)
    assert stage.replies(second) == [(b"!", True)]
    assert len(stage.told(worker, Request)) == 1


def test_a_named_call_that_nobody_sends_again_is_cancelled(stage: Stage) -> None:
    stage = Stage(resend_grace_s=3)
    worker = stage.worker()
    stage.cancel(stage.call(name="job"))
    stage.advance(3)
    assert stage.told(worker, Cancel) == [Cancel(stage.request(worker).request_id)]


def test_a_call_finished_without_its_caller_is_kept_for_the_resend(stage: Stage) -> None:
    worker = stage.worker()
    stage.cancel(stage.call(name="job"))
    answer(stage, worker)
    assert stage.replies(stage.call(name="job")) == [(b"!", True)]
    stage.advance(30)
    assert stage.told(worker, Cancel) == []


def test_one_of_two_callers_that_goes_does_not_cancel_the_call(stage: Stage) -> None:
    worker = stage.worker()
    first, second = stage.call(name="job"), stage.call(name="job")
    stage.cancel(first)
    stage.advance(7.4)
    answer(stage, worker)
    assert stage.replies(first) == []
    assert stage.replies(second) == [(b"!", True)]


def test_a_reply_too_large_to_keep_is_said_to_be(stage: Stage) -> None:
    stage = Stage(max_resend_bytes=3)
    worker = stage.worker()
    stage.call(name="job")
    answer(stage, worker, b"1234")
    with pytest.raises(FailedPreconditionError) as caught:
        stage.call(name="job")
    assert caught.value.reason == "REPLY_NOT_KEPT"
    assert len(stage.told(worker, Request)) == 1


def test_a_call_whose_worker_was_lost_is_handled_anew_when_sent_again(stage: Stage) -> None:
    stage.call(name="job")
    stage.breaks(stage.worker("a"))
    stage.call(name="job")
    assert len(stage.told(stage.worker("b"), Request)) == 1


def test_a_longer_deadline_of_the_resend_counts(stage: Stage) -> None:
    stage.call(name="job", timeout=5)
    second = stage.call(name="job", timeout=20)
    stage.advance(10)
    worker = stage.worker()
    assert stage.request(worker).timeout_s == 10
    answer(stage, worker)
    assert stage.replies(second) == [(b"!", True)]
