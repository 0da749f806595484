"""Questions that the broker answers itself, its health, and how it shuts down."""

import pytest

from sparring.broker.majordomo.effects import Rejected
from sparring.broker.majordomo.messages import Disconnect, Final, Leaving, Welcome
from sparring.types.errors import UnavailableError
from tests.unit.broker.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_registered_service_is_200_busy_or_not(stage: Stage) -> None:
    stage.worker()
    assert stage.majordomo.mmi("mmi.service", "echo") == 200
    stage.call()
    assert stage.majordomo.mmi("mmi.service", "echo") == 200


@pytest.mark.obligation(26)
def test_a_queue_without_a_worker_is_404(stage: Stage) -> None:
    stage.call()
    assert stage.majordomo.mmi("mmi.service", "echo") == 404


def test_other_mmi_names_are_501(stage: Stage) -> None:
    assert stage.majordomo.mmi("mmi.anything", "echo") == 501


@pytest.mark.parametrize(("service", "code"), [("mmi.service", b"404"), ("mmi.nothing", b"501")])
def test_an_mdp_call_to_mmi_is_answered_at_once_in_text(stage: Stage, service: str, code: bytes) -> None:
    assert stage.replies(stage.call(service, b"echo")) == [(code, True)]


def test_any_bytes_may_be_asked_for(stage: Stage) -> None:
    assert stage.replies(stage.call("mmi.service", b"\xff\xfe")) == [(b"404", True)]


def test_health_follows_the_workers(stage: Stage) -> None:
    assert stage.health == {}
    caller = stage.call()
    assert stage.health == {"echo": False}
    first, second = stage.worker("a"), stage.worker("b")
    assert stage.health == {"echo": True}
    stage.says(first, Final(stage.request(first).request_id))
    assert stage.replies(caller)
    stage.breaks(first)
    assert stage.health == {"echo": True}
    stage.breaks(second)
    assert stage.health == {"echo": False}


@pytest.mark.obligation(10)
def test_shutting_down_says_goodbye_to_idle_workers_and_sends_waiting_clients_away(stage: Stage) -> None:
    idle, fresh = stage.worker("idle"), stage.stream()
    waiting, asker, watch = stage.call("other"), stage.acquire("environment"), stage.watch("token")
    stage.do(stage.majordomo.drain)
    for stream in (idle, fresh):
        assert stage.last(stream, Disconnect).reason is Leaving.SHUTDOWN
        assert stage.hung_up(stream) == ""
    for peer in (waiting, asker, watch):
        assert isinstance(stage.last(peer, Rejected).error, UnavailableError)
        assert stage.reason(peer) == "DRAINING"
    assert stage.majordomo.drained


@pytest.mark.obligation(10)
def test_a_busy_worker_may_finish_its_call_first(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call()
    stage.do(stage.majordomo.drain)
    assert stage.hung_up(worker) is None
    stage.says(worker, Final(stage.request(worker).request_id, b"!"))
    assert stage.replies(caller) == [(b"!", True)]
    assert stage.last(worker, Disconnect).reason is Leaving.SHUTDOWN


@pytest.mark.parametrize(("retry_safe", "code"), [(True, "UnavailableError"), (False, "AbortedError")])
def test_at_the_end_of_patience_running_calls_fail(stage: Stage, retry_safe: bool, code: str) -> None:
    worker = stage.worker()
    caller = stage.call(retry_safe=retry_safe)
    stage.do(stage.majordomo.drain)
    stage.do(stage.majordomo.stop)
    assert stage.reason(caller) == "DRAINING"
    assert type(stage.last(caller, Rejected).error).__name__ == code
    assert stage.last(worker, Disconnect).reason is Leaving.SHUTDOWN


def test_nothing_new_is_taken_while_shutting_down(stage: Stage) -> None:
    stage.do(stage.majordomo.drain)
    with pytest.raises(UnavailableError):
        stage.call()
    with pytest.raises(UnavailableError):
        stage.acquire("environment")
    assert not stage.told(stage.worker(), Welcome)
