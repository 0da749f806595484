"""Which worker gets which call, and when."""

import pytest

from sparring.broker.majordomo.effects import Failed
from sparring.broker.majordomo.messages import Failure, Final, Partial, Request
from sparring.types.errors import ExhaustedError, InvalidArgumentError
from tests.unit.broker.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def answer(stage: Stage, worker: int, body: bytes = b"!") -> None:
    stage.says(worker, Final(stage.request(worker).request_id, body))


@pytest.mark.obligation(14)
def test_a_worker_gets_the_next_request_only_after_its_final(stage: Stage) -> None:
    worker = stage.worker()
    stage.call()
    stage.call()
    assert len(stage.told(worker, Request)) == 1
    stage.says(worker, Partial(stage.request(worker).request_id, b"."))
    assert len(stage.told(worker, Request)) == 1
    answer(stage, worker)
    assert len(stage.told(worker, Request)) == 2


@pytest.mark.obligation(14)
def test_a_worker_gets_as_many_requests_as_it_said(stage: Stage) -> None:
    worker = stage.worker(calls=3)
    for _ in range(5):
        stage.call()
    assert len(stage.told(worker, Request)) == 3


def test_a_worker_without_calls_gets_none(stage: Stage) -> None:
    worker = stage.worker(calls=0, slots=1)
    caller = stage.call(timeout=5)
    stage.advance(5)
    assert stage.told(worker, Request) == []
    assert stage.reason(caller) == "WORKERS_BUSY"


@pytest.mark.obligation(28)
def test_the_least_recently_used_worker_is_next(stage: Stage) -> None:
    workers = [stage.worker(str(number)) for number in range(3)]
    order = []
    for _ in range(6):
        stage.call()
        used = max(workers, key=lambda worker: stage.request(worker).request_id if stage.told(worker, Request) else "")
        order.append(workers.index(used))
        answer(stage, used)
    assert order == [0, 1, 2, 0, 1, 2]


@pytest.mark.obligation(28)
def test_the_order_goes_on_after_a_death(stage: Stage) -> None:
    workers = [stage.worker(str(number)) for number in range(3)]
    stage.breaks(workers[1])
    for worker in (workers[0], workers[2], workers[0], workers[2]):
        before = len(stage.told(worker, Request))
        stage.call()
        assert len(stage.told(worker, Request)) == before + 1
        answer(stage, worker)


@pytest.mark.obligation(17)
@pytest.mark.obligation(15)
def test_partial_replies_come_before_exactly_one_final(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call()
    request = stage.request(worker).request_id
    for body in (b"1", b"2"):
        stage.says(worker, Partial(request, body))
    stage.says(worker, Final(request, b"3"))
    assert stage.replies(caller) == [(b"1", False), (b"2", False), (b"3", True)]


@pytest.mark.obligation(15)
@pytest.mark.parametrize("kind", [Final, Partial])
def test_nothing_may_follow_the_final(stage: Stage, kind: type[Final] | type[Partial]) -> None:
    worker = stage.worker()
    caller = stage.call()
    answer(stage, worker)
    stage.says(worker, kind(stage.request(worker).request_id, b"again"))
    assert stage.hung_up(worker) == "UNEXPECTED"
    assert stage.replies(caller) == [(b"!", True)]


@pytest.mark.obligation(16)
def test_a_request_carries_the_brokers_name_for_it_and_the_body_as_it_came(stage: Stage) -> None:
    worker = stage.worker()
    stage.call(body=b"\x00\xff", method="/a.B/C", metadata=(("traceparent", b"t"),), timeout=20)
    stage.advance(1)
    request = stage.request(worker)
    assert (request.body, request.method, request.metadata) == (b"\x00\xff", "/a.B/C", (("traceparent", b"t"),))
    assert (request.attempt, request.timeout_s) == (1, 20)
    assert request.request_id


def test_time_in_the_queue_counts_towards_the_deadline(stage: Stage) -> None:
    stage.call(timeout=20)
    stage.advance(5)
    assert stage.request(stage.worker()).timeout_s == 15


@pytest.mark.obligation(1)
def test_replies_find_their_caller_whatever_their_order(stage: Stage) -> None:
    worker = stage.worker(calls=2)
    first, second = stage.call(client="a"), stage.call(client="b")
    one, two = stage.told(worker, Request)
    stage.says(worker, Final(two.request_id, b"2"))
    stage.says(worker, Final(one.request_id, b"1"))
    assert stage.replies(first) == [(b"1", True)]
    assert stage.replies(second) == [(b"2", True)]


def test_the_status_of_a_worker_reaches_the_caller_unchanged(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call()
    stage.says(worker, Failure(stage.request(worker).request_id, 5, "No such run.", b"details"))
    assert stage.told(caller, Failed) == [Failed(caller, 5, "No such run.", b"details")]
    stage.call()
    assert len(stage.told(worker, Request)) == 2


@pytest.mark.obligation(26)
def test_calls_of_a_service_wait_in_the_order_they_came(stage: Stage) -> None:
    for body in (b"1", b"2", b"3"):
        stage.call(body=body)
    worker = stage.worker()
    for body in (b"1", b"2", b"3"):
        assert stage.request(worker).body == body
        answer(stage, worker)


@pytest.mark.obligation(27)
def test_clients_are_served_in_turn(stage: Stage) -> None:
    for body in (b"a1", b"a2", b"a3"):
        stage.call(body=body, client="a")
    stage.call(body=b"b1", client="b")
    worker = stage.worker()
    served = []
    for _ in range(4):
        served.append(stage.request(worker).body)
        answer(stage, worker)
    assert served == [b"a1", b"b1", b"a2", b"a3"]


@pytest.mark.obligation(29)
def test_a_call_waits_for_its_service_to_come(stage: Stage) -> None:
    caller = stage.call(timeout=60)
    stage.advance(29)
    worker = stage.worker()
    answer(stage, worker)
    assert stage.replies(caller) == [(b"!", True)]


@pytest.mark.obligation(29)
def test_a_call_expires_when_no_worker_comes(stage: Stage) -> None:
    caller = stage.call(timeout=60)
    stage.advance(30)
    assert stage.reason(caller) == "SERVICE_ABSENT"
    assert stage.majordomo.tally.expired_calls == 1
    assert stage.majordomo.services(stage.now) == []
    assert stage.health["echo"] is None


@pytest.mark.obligation(29)
def test_the_deadline_of_the_call_goes_before_the_patience_of_the_broker(stage: Stage) -> None:
    caller = stage.call(timeout=2)
    stage.advance(1.99)
    assert stage.reason(caller) == "SERVICE_ABSENT"


@pytest.mark.obligation(29)
def test_workers_that_are_all_busy_are_another_error(stage: Stage) -> None:
    worker = stage.worker()
    stage.call(timeout=600)
    caller = stage.call(timeout=6)
    stage.advance(5.8)
    assert stage.told(caller, object) == []
    stage.advance(0.15)
    assert stage.reason(caller) == "WORKERS_BUSY"
    assert len(stage.told(worker, Request)) == 1


@pytest.mark.obligation(29)
def test_the_time_without_workers_counts_from_the_loss_of_the_last_one(stage: Stage) -> None:
    worker = stage.worker()
    stage.call(timeout=600)
    waiting = stage.call(timeout=600)
    stage.advance(7)
    stage.breaks(worker)
    stage.advance(29)
    assert stage.told(waiting, object) == []
    stage.advance(1.1)
    assert stage.reason(waiting) == "SERVICE_ABSENT"


@pytest.mark.obligation(30)
def test_a_client_cannot_queue_more_than_its_share() -> None:
    stage = Stage(max_queued_calls_per_client=2)
    stage.call(client="greedy")
    stage.call(client="greedy")
    with pytest.raises(ExhaustedError) as caught:
        stage.call(client="greedy")
    assert caught.value.reason == "QUEUE_FULL"
    assert caught.value.metadata["retry_after_ms"] == "1000"
    stage.call(client="modest")


@pytest.mark.obligation(30)
@pytest.mark.parametrize("bound", [{"max_queued_calls": 2}, {"max_queued_bytes": 2}])
def test_the_queue_of_a_service_is_bounded(bound: dict[str, int]) -> None:
    stage = Stage(**bound)
    stage.call(client="a")
    stage.call(client="b")
    with pytest.raises(ExhaustedError) as caught:
        stage.call("echo", client="c")
    assert caught.value.reason == "QUEUE_FULL"


def test_a_call_that_need_not_wait_is_taken_whatever_the_bound() -> None:
    stage = Stage(max_queued_calls=0)
    worker = stage.worker()
    stage.call()
    assert stage.told(worker, Request)


@pytest.mark.parametrize("service", ["", "no name", "x" * 200])
def test_a_call_to_what_cannot_be_a_service_is_refused(stage: Stage, service: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        stage.call(service)
    assert caught.value.reason == "SERVICE_NAME_INVALID"
