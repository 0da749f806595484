"""Calls whose callers give up."""

import pytest

from sparring.broker.majordomo.messages import Cancel, Failure, Final, Request
from tests.unit.broker.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.obligation(31)
def test_cancelling_a_queued_call_takes_it_out_of_the_queue(stage: Stage) -> None:
    stage.cancel(stage.call(body=b"1"))
    stage.call(body=b"2")
    worker = stage.worker()
    assert [request.body for request in stage.told(worker, Request)] == [b"2"]


@pytest.mark.obligation(31)
def test_cancelling_a_running_call_reaches_the_worker(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call()
    stage.cancel(caller)
    request = stage.request(worker).request_id
    assert stage.told(worker, Cancel) == [Cancel(request)]
    stage.says(worker, Failure(request, 1, "cancelled"))
    assert stage.told(caller, object) == []
    stage.call()
    assert len(stage.told(worker, Request)) == 2


def test_cancelling_a_call_that_was_answered_changes_nothing(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call()
    stage.says(worker, Final(stage.request(worker).request_id, b"!"))
    stage.cancel(caller)
    assert stage.told(worker, Cancel) == []
