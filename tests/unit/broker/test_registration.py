"""How workers register and leave."""

import pytest

from sparring.broker.majordomo.effects import HangUp
from sparring.broker.majordomo.messages import (
    Alive,
    Disconnect,
    Final,
    FromWorker,
    Leaving,
    Partial,
    Refused,
    Request,
    Welcome,
)
from sparring.types.errors import InvalidArgumentError
from tests.unit.broker.stage import HEARTBEAT_S, Stage, ready_message


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.obligation(7)
def test_ready_is_answered_by_welcome_first(stage: Stage) -> None:
    stage.call()
    worker = stage.worker()
    assert [type(each) for each in stage.heard[worker]] == [Welcome, Request]


@pytest.mark.obligation(3)
@pytest.mark.parametrize("message", [Alive(), Final("b-1.1", b""), Partial("b-1.1", b""), Refused("token1")])
def test_a_first_message_that_is_not_ready_ends_the_stream(stage: Stage, message: FromWorker) -> None:
    stream = stage.stream()
    stage.says(stream, message)
    assert stage.last(stream, Disconnect).reason is Leaving.UNEXPECTED
    assert stage.hung_up(stream) == "READY_EXPECTED"


@pytest.mark.obligation(3)
def test_a_stream_without_ready_ends_after_the_brokers_patience(stage: Stage) -> None:
    stream = stage.stream()
    stage.advance(stage.rules.ready_s - 0.1)
    assert stage.hung_up(stream) is None
    stage.advance(0.2)
    assert stage.hung_up(stream) == "READY_EXPECTED"
    stage.says(stream, ready_message())
    assert not stage.majordomo.services(stage.now)


@pytest.mark.obligation(6)
def test_a_second_ready_ends_the_conversation(stage: Stage) -> None:
    worker = stage.worker()
    stage.says(worker, ready_message(incarnation=2))
    assert stage.last(worker, Disconnect).reason is Leaving.UNEXPECTED
    assert stage.hung_up(worker) == "UNEXPECTED"
    assert stage.majordomo.mmi("mmi.service", "echo") == 404


@pytest.mark.obligation(4)
def test_a_later_stream_of_a_worker_supersedes_the_first(stage: Stage) -> None:
    first = stage.worker("w", incarnation=1)
    second = stage.worker("w", incarnation=2)
    assert stage.last(first, Disconnect).reason is Leaving.SUPERSEDED
    assert stage.hung_up(first) == ""
    stage.call()
    assert stage.told(second, Request)
    assert not stage.told(first, Request)


@pytest.mark.obligation(4)
@pytest.mark.parametrize("incarnation", [1, 2])
def test_an_earlier_stream_of_a_worker_is_turned_away(stage: Stage, incarnation: int) -> None:
    living = stage.worker("w", incarnation=2)
    late = stage.worker("w", incarnation=incarnation)
    assert stage.last(late, Disconnect).reason is Leaving.SUPERSEDED
    assert not stage.told(late, Welcome)
    assert stage.hung_up(living) is None


@pytest.mark.obligation(4)
def test_a_dead_stream_gives_way_to_its_equal_but_not_to_an_earlier_one(stage: Stage) -> None:
    stage.breaks(stage.worker("w", incarnation=2))
    earlier = stage.worker("w", incarnation=1)
    assert stage.last(earlier, Disconnect).reason is Leaving.SUPERSEDED
    equal = stage.worker("w", incarnation=2)
    assert stage.told(equal, Welcome)


@pytest.mark.obligation(5)
def test_a_worker_gets_only_calls_of_its_own_service(stage: Stage) -> None:
    stage.worker("a", "apples")
    pears = stage.worker("p", "pears")
    caller = stage.call("pears")
    request = stage.request(pears)
    stage.says(pears, Final(request.request_id, b"!"))
    assert stage.replies(caller) == [(b"!", True)]


@pytest.mark.obligation(9)
def test_nothing_is_sent_to_a_worker_that_said_goodbye(stage: Stage) -> None:
    worker = stage.worker()
    stage.says(worker, Disconnect(Leaving.SHUTDOWN))
    assert stage.hung_up(worker) == ""
    told = len(stage.heard[worker])
    stage.call()
    stage.advance(3 * HEARTBEAT_S)
    assert stage.since(worker, told) == []


@pytest.mark.obligation(9)
def test_a_goodbye_before_ready_is_fine(stage: Stage) -> None:
    stream = stage.stream()
    stage.says(stream, Disconnect(Leaving.SHUTDOWN))
    assert stage.heard[stream] == [HangUp(stream)]


@pytest.mark.obligation(9)
def test_half_close_takes_the_worker_off_all_lists_in_one_step(stage: Stage) -> None:
    worker = stage.worker()
    stage.breaks(worker)
    assert stage.majordomo.mmi("mmi.service", "echo") == 404
    told = len(stage.heard[worker])
    stage.call()
    stage.advance(3 * HEARTBEAT_S)
    assert stage.since(worker, told) == []


@pytest.mark.obligation(11)
@pytest.mark.parametrize("message", [Final("b-9.1", b""), Partial("b-9.1", b""), Final("never heard of", b"")])
def test_a_reply_to_an_unknown_request_ends_the_conversation(stage: Stage, message: FromWorker) -> None:
    worker = stage.worker()
    stage.says(worker, message)
    assert stage.last(worker, Disconnect).reason is Leaving.UNEXPECTED
    assert stage.hung_up(worker) == "UNEXPECTED"


@pytest.mark.obligation(8)
@pytest.mark.obligation(11)
def test_what_follows_an_unexpected_message_is_not_heard(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call()
    request = stage.request(worker)
    stage.says(worker, Final("never heard of", b""))
    told = len(stage.heard[worker])
    stage.says(worker, Final(request.request_id, b"late"))
    stage.advance(60)
    assert stage.since(worker, told) == []
    assert stage.replies(caller) == []


@pytest.mark.obligation(12)
def test_a_message_that_is_none_ends_only_its_own_stream(stage: Stage) -> None:
    bad, good = stage.worker("bad"), stage.worker("good")
    stage.do(stage.majordomo.malformed, bad, InvalidArgumentError("MESSAGE_INVALID", "Empty."))
    assert stage.hung_up(bad) == "MESSAGE_INVALID"
    stage.call()
    assert stage.told(good, Request)


@pytest.mark.obligation(12)
@pytest.mark.parametrize("service", ["", " ", "a b", "-x", "x" * 129, "ä"])
def test_a_bad_service_name_is_refused(stage: Stage, service: str) -> None:
    worker = stage.worker(service=service)
    assert stage.hung_up(worker) == "SERVICE_NAME_INVALID"
    assert not stage.told(worker, Welcome)


def test_reserved_names_are_refused(stage: Stage) -> None:
    worker = stage.worker(service="mmi.service")
    assert stage.last(worker, Disconnect).reason is Leaving.RESERVED
    assert stage.hung_up(worker) == "SERVICE_NAME_INVALID"
    assert stage.majordomo.mmi("mmi.service", "mmi.service") == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"worker_id": ""},
        {"worker_id": "w" * 257},
        {"slots": 10_001},
        {"slots": 1, "slots_unlimited": True},
        {"slots_unlimited": True, "endpoint": None},
    ],
)
def test_a_ready_that_makes_no_sense_is_refused(stage: Stage, wrong: dict[str, object]) -> None:
    worker = stage.worker(**wrong)  # type: ignore[arg-type]
    assert stage.hung_up(worker) == "MESSAGE_INVALID"


def test_a_refused_ready_does_not_supersede(stage: Stage) -> None:
    living = stage.worker("w", incarnation=1)
    stage.worker("w", "no name", incarnation=2)
    assert stage.hung_up(living) is None


def test_workers_beyond_the_bound_are_refused() -> None:
    stage = Stage(max_workers=1)
    stage.worker("a")
    assert stage.hung_up(stage.worker("b")) == "TOO_MANY_WORKERS"


def test_services_beyond_the_bound_are_refused_until_one_is_empty() -> None:
    stage = Stage(max_services=1)
    first = stage.worker("a", "apples")
    assert stage.hung_up(stage.worker("p", "pears")) == "TOO_MANY_SERVICES"
    stage.breaks(first)
    assert stage.told(stage.worker("p", "pears"), Welcome)
