"""Who is alive: leases and heartbeats, in both directions."""

import pytest

from sparring.broker.majordomo.messages import (
    Alive,
    Beat,
    Cancel,
    Disconnect,
    Failure,
    Final,
    Leaving,
    Partial,
    Request,
)
from tests.unit.broker.stage import HEARTBEAT_S, LEASE_S, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.obligation(21)
def test_a_silent_idle_worker_expires_after_three_intervals(stage: Stage) -> None:
    worker = stage.worker()
    stage.advance(LEASE_S - 0.1)
    assert stage.hung_up(worker) is None
    stage.advance(0.2)
    assert stage.last(worker, Disconnect).reason is Leaving.EXPIRED
    assert stage.hung_up(worker) == ""
    assert stage.majordomo.mmi("mmi.service", "echo") == 404
    assert stage.majordomo.tally.expired_workers == 1


@pytest.mark.obligation(21)
def test_a_silent_busy_worker_expires_as_well(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call()
    stage.advance(LEASE_S + 0.1)
    assert stage.last(worker, Disconnect).reason is Leaving.EXPIRED
    assert stage.reason(caller) == "WORKER_LOST"


@pytest.mark.obligation(18)
def test_a_slow_worker_that_beats_is_never_lost(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call(timeout=600)
    request = stage.request(worker)
    stage.pass_alive(120, worker, message=lambda _: Alive(busy=(request.request_id,)))
    stage.says(worker, Final(request.request_id, b"at last"))
    assert stage.replies(caller) == [(b"at last", True)]


@pytest.mark.obligation(19)
def test_any_message_renews_the_lease(stage: Stage) -> None:
    worker = stage.worker()
    caller = stage.call(timeout=600)
    request = stage.request(worker)
    stage.pass_alive(30, worker, message=lambda _: Partial(request.request_id, b"."))
    assert stage.hung_up(worker) is None
    assert len(stage.replies(caller)) == 30


@pytest.mark.obligation(21)
def test_the_broker_beats_for_idle_and_for_busy_workers(stage: Stage) -> None:
    idle, busy = stage.worker("idle", "other"), stage.worker("busy")
    stage.call(timeout=600)
    stage.pass_alive(10, idle, busy, message=lambda _: Alive())
    assert len(stage.told(idle, Beat)) == 4
    assert len(stage.told(busy, Beat)) == 4


@pytest.mark.obligation(20)
def test_the_broker_does_not_beat_while_it_sends_other_messages(stage: Stage) -> None:
    worker = stage.worker()

    def work(_: int) -> Alive:
        stage.call()
        stage.says(worker, Final(stage.request(worker).request_id, b""))
        return Alive()

    stage.pass_alive(20, worker, message=work)
    assert len(stage.told(worker, Request)) == 20
    assert stage.told(worker, Beat) == []


@pytest.mark.obligation(23)
def test_nothing_is_sent_to_a_lost_worker(stage: Stage) -> None:
    worker = stage.worker()
    stage.advance(LEASE_S + 0.1)
    told = len(stage.heard[worker])
    stage.call()
    stage.advance(3 * HEARTBEAT_S)
    assert stage.since(worker, told) == []


@pytest.mark.obligation(28)
def test_an_expired_worker_is_purged_from_anywhere_in_the_list(stage: Stage) -> None:
    first, silent, last = stage.worker("a"), stage.worker("b"), stage.worker("c")
    stage.pass_alive(9, first, last, message=lambda _: Alive())
    for worker in (first, last):
        stage.call()
        assert len(stage.told(worker, Request)) == 1
    assert stage.told(silent, Request) == []


def test_other_rates_are_kept() -> None:
    stage = Stage(heartbeat_s=0.5, liveness=4)
    worker = stage.worker()
    stage.advance(1.9)
    assert len(stage.told(worker, Beat)) == 3
    assert stage.hung_up(worker) is None
    stage.advance(0.2)
    assert stage.last(worker, Disconnect).reason is Leaving.EXPIRED


def test_a_broker_that_was_stopped_does_not_blame_its_workers(stage: Stage) -> None:
    worker = stage.worker()
    stage.now += 60
    stage.do(stage.majordomo.tick)
    assert stage.hung_up(worker) is None
    stage.advance(LEASE_S + 0.1)
    assert stage.last(worker, Disconnect).reason is Leaving.EXPIRED


def test_a_cancelled_request_keeps_the_worker_busy_until_it_is_over(stage: Stage) -> None:
    worker = stage.worker()
    stage.cancel(stage.call())
    cancelled = stage.request(worker).request_id
    waiting = stage.call(timeout=60)
    stage.says(worker, Alive(busy=(cancelled,)))
    assert stage.told(worker, Cancel) == [Cancel(cancelled)]
    assert len(stage.told(worker, Request)) == 1
    stage.says(worker, Alive())
    assert len(stage.told(worker, Request)) == 2
    stage.says(worker, Final(cancelled, b"too late"))
    assert stage.hung_up(worker) is None
    assert stage.replies(waiting) == []


def test_an_end_that_crosses_the_cancellation_is_fine(stage: Stage) -> None:
    worker = stage.worker()
    stage.cancel(stage.call())
    cancelled = stage.request(worker).request_id
    stage.says(worker, Final(cancelled, b"just in time"))
    stage.says(worker, Failure(cancelled, 1, "cancelled, as you wished"))
    assert stage.hung_up(worker) is None
    stage.says(worker, Failure(cancelled, 1, "once more"))
    assert stage.hung_up(worker) == "UNEXPECTED"
