"""The queue of bundles: fair over clients, nobody starved, no deadlock."""

import pytest

from sparring.broker.majordomo.effects import Granted, Rejected, Waiting
from sparring.broker.majordomo.messages import (
    EventKind,
    Offer,
    SessionEnded,
    SessionEvent,
)
from sparring.types.errors import DeadlineError, ExhaustedError
from tests.unit.broker.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def granted(stage: Stage, asker: int) -> bool:
    return bool(stage.told(asker, Granted))


def end(stage: Stage, worker: int, asker: int, label: str = "0") -> None:
    """Let a worker report the end of a granted session."""
    token = stage.last(asker, Granted).grants[label].token
    stage.says(worker, SessionEnded(SessionEvent(token, EventKind.ENDED)))


def test_two_runs_that_each_need_every_slot_of_an_agent_service_both_get_them(stage: Stage) -> None:
    agent = stage.worker("a", "agent", slots=2)
    first = stage.acquire("agent", "agent", client="run-1")
    second = stage.acquire("agent", "agent", client="run-2")
    stage.admits(agent)
    assert granted(stage, first)
    assert not granted(stage, second)
    end(stage, agent, first, "0")
    assert not granted(stage, second)
    end(stage, agent, first, "1")
    stage.admits(agent)
    assert granted(stage, second)


def test_a_bundle_passes_one_that_waits_for_something_else(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=3)
    waiting = stage.acquire("environment", "environment", "agent", client="a")
    stage.worker("a", "agent", slots=1, sessions=("busy",))
    passing = stage.acquire("environment", client="b")
    stage.admits(worker)
    assert granted(stage, passing)
    assert stage.last(waiting, Waiting) == Waiting(waiting, 0, ("agent: 0 of 1 slots free",))


def test_a_bundle_does_not_pass_where_that_takes_what_the_first_could_use(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=2)
    agent = stage.worker("a", "agent", slots=1, sessions=("busy",))
    first = stage.acquire("environment", "environment", "agent", client="a")
    later = stage.acquire("environment", client="b")
    assert stage.told(worker, Offer) == []
    assert stage.last(later, Waiting) == Waiting(later, 1, ("environment: 0 of 1 slots free",))
    stage.says(agent, SessionEnded(SessionEvent("busy", EventKind.ENDED)))
    stage.admits(worker, agent)
    assert granted(stage, first)
    assert not granted(stage, later)


def test_small_bundles_do_not_starve_a_large_one(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=3)
    small = [stage.acquire("environment", client="small") for _ in range(3)]
    stage.admits(worker)
    large = stage.acquire("environment", "environment", "environment", client="large")
    for asker in small:
        stage.acquire("environment", client="small")
        end(stage, worker, asker)
        stage.admits(worker)
    assert granted(stage, large)


def test_a_bundle_that_no_present_worker_could_hold_blocks_nobody(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=2)
    huge = stage.acquire(*["environment"] * 3, client="a")
    small = stage.acquire("environment", client="b")
    stage.admits(worker)
    assert granted(stage, small)
    more = stage.worker("f", "environment", slots=2)
    stage.admits(worker, more)
    assert granted(stage, huge)


@pytest.mark.obligation(27)
def test_clients_take_turns(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=1)
    running = stage.acquire("environment", client="a")
    stage.admits(worker)
    many = [stage.acquire("environment", client="a") for _ in range(3)]
    one = stage.acquire("environment", client="b")
    assert stage.last(one, Waiting).position == 1
    served = []
    for _ in range(4):
        end(stage, worker, running)
        stage.admits(worker)
        running = next(asker for asker in (*many, one) if granted(stage, asker) and asker not in served)
        served.append(running)
    assert served == [many[0], one, many[1], many[2]]


def test_at_head_goes_before_all_others(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=1)
    running = stage.acquire("environment")
    stage.admits(worker)
    waiting = stage.acquire("environment", client="a")
    back = stage.acquire("environment", client="b", at_head=True)
    assert stage.last(waiting, Waiting).position == 1
    end(stage, worker, running)
    stage.admits(worker)
    assert granted(stage, back)
    assert not granted(stage, waiting)


def test_a_bundle_that_waited_in_vain_says_what_was_lacking(stage: Stage) -> None:
    stage.worker("e", "environment", slots=1, sessions=("busy",))
    asker = stage.acquire("environment", "agent", timeout=5)
    stage.advance(5)
    error = stage.last(asker, Rejected).error
    assert isinstance(error, DeadlineError)
    assert error.reason == "BUNDLE_UNAVAILABLE"
    assert error.metadata["lacking"] == "agent: no worker is registered; environment: 0 of 1 slots free"
    stage.worker("a", "agent", slots=1)
    assert not granted(stage, asker)


@pytest.mark.parametrize("bound", [{"max_bundles": 1}, {"max_bundles_per_client": 1}])
def test_the_queue_of_bundles_is_bounded(bound: dict[str, int]) -> None:
    stage = Stage(**bound)
    stage.acquire("environment")
    with pytest.raises(ExhaustedError) as caught:
        stage.acquire("environment")
    assert caught.value.reason == "QUEUE_FULL"


def test_who_waits_is_in_the_status_of_the_service(stage: Stage) -> None:
    stage.acquire("environment", "environment")
    stage.call("environment")
    stage.advance(3)
    (service,) = stage.majordomo.services(stage.now)
    assert (service.queued_bundles, service.queued_calls, service.oldest_wait_s) == (1, 1, 3.0)
