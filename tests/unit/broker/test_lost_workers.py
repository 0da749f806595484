"""What becomes of calls whose worker is lost."""

import pytest

from sparring.broker.majordomo.effects import Rejected
from sparring.broker.majordomo.messages import Alive, Disconnect, Final, Leaving, Partial, Request
from sparring.types.errors import AbortedError, UnavailableError
from tests.unit.broker.stage import LEASE_S, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.obligation(24)
def test_a_retry_safe_call_goes_to_another_worker_as_attempt_two(stage: Stage) -> None:
    first, second = stage.worker("a"), stage.worker("b")
    caller = stage.call(body=b"work", retry_safe=True)
    stage.breaks(first)
    request = stage.request(second)
    assert (request.attempt, request.body) == (2, b"work")
    stage.says(second, Final(request.request_id, b"done"))
    assert stage.replies(caller) == [(b"done", True)]
    assert stage.majordomo.tally.requeued == 1


@pytest.mark.obligation(24)
def test_a_requeued_call_goes_before_those_that_were_never_given(stage: Stage) -> None:
    first = stage.worker("a")
    stage.call(body=b"first", client="c", retry_safe=True)
    stage.call(body=b"second", client="c")
    stage.call(body=b"other client", client="d")
    stage.breaks(first)
    assert stage.request(stage.worker("b")).body == b"first"


@pytest.mark.obligation(25)
def test_a_call_that_is_not_retry_safe_fails_with_aborted(stage: Stage) -> None:
    first, second = stage.worker("a"), stage.worker("b")
    caller = stage.call()
    stage.breaks(first)
    error = stage.last(caller, Rejected).error
    assert isinstance(error, AbortedError)
    assert error.reason == "WORKER_LOST"
    assert error.metadata == {"service": "echo", "worker": "a", "attempt": "1"}
    assert stage.told(second, Request) == []


@pytest.mark.obligation(24)
def test_a_call_is_given_to_so_many_workers_at_most() -> None:
    stage = Stage(max_attempts=2)
    caller = stage.call(retry_safe=True)
    stage.breaks(stage.worker("a"))
    stage.breaks(stage.worker("b"))
    error = stage.last(caller, Rejected).error
    assert isinstance(error, UnavailableError)
    assert error.reason == "WORKER_LOST"
    assert stage.told(stage.worker("c"), Request) == []


@pytest.mark.obligation(24)
def test_a_call_that_was_answered_in_part_is_not_repeated(stage: Stage) -> None:
    first, second = stage.worker("a"), stage.worker("b")
    caller = stage.call(retry_safe=True)
    stage.says(first, Partial(stage.request(first).request_id, b"part"))
    stage.breaks(first)
    assert stage.reason(caller) == "WORKER_LOST"
    assert stage.told(second, Request) == []


@pytest.mark.obligation(24)
@pytest.mark.parametrize("reply", [Final, Partial])
def test_late_replies_of_the_old_attempt_are_fenced(stage: Stage, reply: type[Final] | type[Partial]) -> None:
    old = stage.worker("a")
    caller = stage.call(retry_safe=True)
    late = stage.request(old).request_id
    stage.breaks(old)
    back = stage.worker("a", incarnation=2)
    now = stage.request(back).request_id
    stage.says(back, reply(late, b"old"))
    stage.says(back, Final(now, b"new"))
    assert stage.hung_up(back) is None
    assert stage.replies(caller) == [(b"new", True)]
    assert stage.majordomo.tally.fenced == 1


@pytest.mark.obligation(24)
def test_a_fenced_final_may_come_once(stage: Stage) -> None:
    old = stage.worker("a")
    stage.call()
    late = stage.request(old).request_id
    stage.breaks(old)
    back = stage.worker("a", incarnation=2)
    stage.says(back, Final(late, b"old"))
    stage.says(back, Final(late, b"old"))
    assert stage.hung_up(back) == "UNEXPECTED"


@pytest.mark.obligation(23)
def test_a_silent_worker_loses_its_call_to_another_one(stage: Stage) -> None:
    silent, other = stage.worker("a"), stage.worker("b")
    caller = stage.call(retry_safe=True)
    stage.pass_alive(8, other, message=lambda _: Alive())
    assert stage.last(silent, Disconnect).reason is Leaving.EXPIRED
    stage.says(silent, Final(stage.request(silent).request_id, b"too late"))
    assert stage.replies(caller) == []
    stage.says(other, Final(stage.request(other).request_id, b"done"))
    assert stage.replies(caller) == [(b"done", True)]


@pytest.mark.obligation(4)
def test_a_superseded_stream_loses_its_calls(stage: Stage) -> None:
    stage.worker("w", incarnation=1)
    caller = stage.call(retry_safe=True)
    second = stage.worker("w", incarnation=2)
    request = stage.request(second)
    assert request.attempt == 2
    stage.says(second, Final(request.request_id, b"!"))
    assert stage.replies(caller) == [(b"!", True)]


def test_several_calls_of_a_lost_worker_keep_their_order(stage: Stage) -> None:
    first = stage.worker("a", calls=3)
    for body in (b"1", b"2", b"3"):
        stage.call(body=body, retry_safe=True)
    stage.breaks(first)
    second = stage.worker("b", calls=3)
    assert [request.body for request in stage.told(second, Request)] == [b"1", b"2", b"3"]


def test_a_cancelled_call_of_a_lost_worker_is_gone(stage: Stage) -> None:
    first = stage.worker("a")
    stage.cancel(stage.call(retry_safe=True))
    stage.breaks(first)
    assert stage.told(stage.worker("b"), Request) == []


def test_a_requeued_call_still_expires(stage: Stage) -> None:
    first = stage.worker("a")
    caller = stage.call(retry_safe=True, timeout=600)
    stage.advance(LEASE_S - 1)
    stage.breaks(first)
    stage.advance(31)
    assert stage.reason(caller) == "SERVICE_ABSENT"
