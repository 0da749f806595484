"""Bundles: all or nothing, offered to workers that have the component and the slot."""

import pytest

from sparring.broker.majordomo.effects import Granted, Waiting
from sparring.broker.majordomo.messages import (
    Admitted,
    Alive,
    Endpoint,
    EventKind,
    Final,
    Offer,
    OpenSession,
    Refused,
    SessionEnded,
    SessionEvent,
    Withdraw,
)
from sparring.types.errors import InvalidArgumentError
from tests.unit.broker.stage import ENDPOINT, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def granted(stage: Stage, asker: int) -> bool:
    return bool(stage.told(asker, Granted))


def end(stage: Stage, worker: int, asker: int, label: str = "0") -> None:
    """Let a worker report the end of a granted session."""
    token = stage.last(asker, Granted).grants[label].token
    stage.says(worker, SessionEnded(SessionEvent(token, EventKind.ENDED)))


def test_a_bundle_is_granted_when_all_offers_are_admitted(stage: Stage) -> None:
    environment = stage.worker("e", "environment", slots=2)
    agent = stage.worker("a", "agent", slots=1)
    asker = stage.acquire("environment", "environment", "agent", run="run-1")
    offers = stage.told(environment, Offer)
    assert [offer.run for offer in offers] == ["run-1", "run-1"]
    assert offers[0].expires == stage.now + 30
    for offer in offers:
        stage.says(environment, Admitted(offer.token, Endpoint("127.0.0.1:1")))
    assert not granted(stage, asker)
    stage.says(agent, Admitted(stage.last(agent, Offer).token))
    grants = stage.last(asker, Granted).grants
    assert {label: grant.worker_id for label, grant in grants.items()} == {"0": "e", "1": "e", "2": "a"}
    assert grants["0"].endpoint == Endpoint("127.0.0.1:1")
    assert grants["2"].endpoint == ENDPOINT
    assert len({grant.token for grant in grants.values()}) == 3


def test_nothing_is_offered_while_a_slot_is_lacking(stage: Stage) -> None:
    environment = stage.worker("e", "environment", slots=2)
    asker = stage.acquire("environment", "agent")
    assert stage.told(environment, Offer) == []
    assert stage.told(asker, Waiting) == [Waiting(asker, 0, ("agent: no worker is registered",))]
    agent = stage.worker("a", "agent", slots=1)
    stage.admits(environment, agent)
    assert granted(stage, asker)


def test_what_is_lacking_and_the_position_are_told_when_they_change(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=4)
    first = stage.acquire("environment", "environment")
    stage.admits(worker)
    second = stage.acquire("environment", "environment", "environment", client="b")
    third = stage.acquire("environment", client="c")
    assert stage.told(second, Waiting) == [Waiting(second, 0, ("environment: 2 of 3 slots free",))]
    assert stage.told(third, Waiting) == [Waiting(third, 1, ("environment: 0 of 1 slots free",))]
    end(stage, worker, first)
    stage.admits(worker)
    assert granted(stage, second)
    end(stage, worker, first, "1")
    stage.admits(worker)
    assert stage.told(third, Waiting)[1:] == [Waiting(third, 0, ("environment: 0 of 1 slots free",))]
    assert granted(stage, third)


def test_a_refused_offer_takes_back_the_whole_bundle_and_waits_for_news(stage: Stage) -> None:
    environment = stage.worker("e", "environment", slots=1)
    agent = stage.worker("a", "agent", slots=1)
    asker = stage.acquire("environment", "agent")
    admitted = stage.last(environment, Offer).token
    stage.says(environment, Admitted(admitted))
    stage.says(agent, Refused(stage.last(agent, Offer).token, "SLOT_TAKEN"))
    assert stage.told(environment, Withdraw) == [Withdraw(admitted)]
    assert stage.last(asker, Waiting).lacking == ("agent: 0 of 1 slots free (a: SLOT_TAKEN)",)
    assert len(stage.told(agent, Offer)) == 1
    stage.says(agent, Alive(sessions=(OpenSession("others"),)))
    assert len(stage.told(agent, Offer)) == 1
    stage.says(agent, SessionEnded(SessionEvent("others", EventKind.ENDED)))
    stage.says(agent, Alive())
    stage.says(agent, Alive())
    stage.admits(environment, agent)
    assert granted(stage, asker)


def test_a_refused_offer_goes_to_another_worker(stage: Stage) -> None:
    first, second = stage.worker("a", "environment", slots=1), stage.worker("b", "environment", slots=1)
    asker = stage.acquire("environment")
    stage.says(first, Refused(stage.last(first, Offer).token))
    stage.says(second, Admitted(stage.last(second, Offer).token))
    assert stage.last(asker, Granted).grants["0"].worker_id == "b"


def test_an_answer_that_crossed_the_withdrawal_is_fine(stage: Stage) -> None:
    environment = stage.worker("e", "environment", slots=1)
    stage.do(stage.majordomo.abandon, stage.acquire("environment"))
    token = stage.last(environment, Offer).token
    assert stage.told(environment, Withdraw) == [Withdraw(token)]
    stage.says(environment, Admitted(token))
    stage.says(environment, Refused(token))
    assert stage.hung_up(environment) is None


@pytest.mark.obligation(11)
@pytest.mark.parametrize("kind", [Admitted, Refused])
def test_an_answer_to_no_offer_ends_the_conversation(stage: Stage, kind: type[Admitted] | type[Refused]) -> None:
    environment = stage.worker("e", "environment", slots=1)
    stage.says(environment, kind("never heard of"))
    assert stage.hung_up(environment) == "UNEXPECTED"


def test_an_offer_that_is_not_answered_goes_elsewhere(stage: Stage) -> None:
    mute, other = stage.worker("a", "environment", slots=1), stage.worker("b", "environment", slots=1)
    asker = stage.acquire("environment")
    stage.advance(4.9)
    assert stage.told(other, Offer) == []
    stage.advance(0.2)
    assert stage.told(mute, Withdraw)
    stage.says(other, Admitted(stage.last(other, Offer).token))
    assert granted(stage, asker)


def test_a_worker_lost_in_the_middle_takes_back_the_whole_bundle(stage: Stage) -> None:
    environment, agent = stage.worker("e", "environment", slots=1), stage.worker("a", "agent", slots=1)
    asker = stage.acquire("environment", "agent")
    stage.says(environment, Admitted(stage.last(environment, Offer).token))
    stage.breaks(agent)
    assert stage.told(environment, Withdraw)
    back = stage.worker("a", "agent", slots=1, incarnation=2)
    stage.admits(environment, back)
    assert granted(stage, asker)


def test_a_session_that_ends_before_the_grant_takes_back_the_whole_bundle(stage: Stage) -> None:
    environment, agent = stage.worker("e", "environment", slots=1), stage.worker("a", "agent", slots=1)
    asker = stage.acquire("environment", "agent")
    token = stage.last(environment, Offer).token
    stage.says(environment, Admitted(token))
    stage.says(environment, SessionEnded(SessionEvent(token, EventKind.LOST)))
    assert len(stage.told(environment, Offer)) == 2
    assert stage.told(agent, Withdraw)
    stage.admits(environment, agent)
    assert granted(stage, asker)


def test_abandoning_an_offered_bundle_withdraws_what_was_admitted(stage: Stage) -> None:
    environment, agent = stage.worker("e", "environment", slots=1), stage.worker("a", "agent", slots=1)
    asker = stage.acquire("environment", "agent")
    stage.says(environment, Admitted(stage.last(environment, Offer).token))
    stage.do(stage.majordomo.abandon, asker)
    assert len(stage.told(environment, Withdraw)) == len(stage.told(agent, Withdraw)) == 1
    other = stage.acquire("environment", "agent", client="other")
    stage.admits(environment, agent)
    assert granted(stage, other)
    assert not granted(stage, asker)


def test_a_worker_with_unlimited_slots_is_granted_without_an_offer(stage: Stage) -> None:
    store = stage.worker("s", "store", slots_unlimited=True)
    askers = [stage.acquire("store", "store") for _ in range(50)]
    assert all(granted(stage, asker) for asker in askers)
    assert stage.told(store, Offer) == []
    stage.says(store, Alive())
    stage.says(store, Alive())
    watch = stage.watch(stage.last(askers[0], Granted).grants["0"].token)
    assert stage.last(watch, object).event.kind is EventKind.OPEN  # type: ignore[attr-defined]


def test_sessions_are_spread_over_the_workers(stage: Stage) -> None:
    workers = [stage.worker(str(number), "environment", slots=4) for number in range(3)]
    for _ in range(3):
        stage.acquire("environment", "environment")
        stage.admits(*workers)
    assert [len(stage.told(worker, Offer)) for worker in workers] == [2, 2, 2]


def test_a_worker_that_says_nowhere_how_to_reach_it_is_not_granted(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=1, endpoint=None)
    asker = stage.acquire("environment")
    stage.says(worker, Admitted(stage.last(worker, Offer).token))
    assert not granted(stage, asker)
    assert "ENDPOINT_UNKNOWN" in stage.last(asker, Waiting).lacking[0]


@pytest.mark.parametrize("wants", [(), ("mmi.service",), ("no name",), ("",)])
def test_a_bundle_that_can_never_be_granted_is_refused(stage: Stage, wants: tuple[str, ...]) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        stage.acquire(*wants)
    assert caught.value.reason == "BUNDLE_INVALID"


@pytest.mark.parametrize("grant_s", [0.0, -1.0, 1e9])
def test_a_grant_lifetime_out_of_range_is_refused(stage: Stage, grant_s: float) -> None:
    with pytest.raises(InvalidArgumentError):
        stage.acquire("environment", grant_s=grant_s)


def test_a_worker_that_tells_nothing_after_a_refusal_is_asked_again_after_a_while(stage: Stage) -> None:
    worker = stage.worker("e", "environment", slots=1, calls=9)
    asker = stage.acquire("environment")
    stage.says(worker, Refused(stage.last(worker, Offer).token))
    for _ in range(5):
        stage.call("environment")
        stage.says(worker, Final(stage.request(worker).request_id))
        assert len(stage.told(worker, Offer)) == 1
        stage.advance(1)
    stage.admits(worker)
    assert granted(stage, asker)
