"""Bundles that name components: which worker is offered them, and what becomes of those that nobody announced."""

import pytest

from sparring.broker.majordomo.effects import Granted, Rejected
from sparring.broker.majordomo.messages import Offer
from sparring.types.errors import NotFoundError
from tests.unit.broker.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_component_goes_to_a_worker_that_announced_it(stage: Stage) -> None:
    stage.worker("a", "environment", slots=1, announces=("m:A",))
    b = stage.worker("b", "environment", slots=1, announces=("m:B", "m:C"))
    asker = stage.acquire("environment=m:B")
    assert stage.last(b, Offer).component == "m:B"
    stage.admits(b)
    assert stage.last(asker, Granted).grants["0"].worker_id == "b"


def test_workers_that_announce_much_are_left_for_those_who_need_them(stage: Stage) -> None:
    both = stage.worker("both", "environment", slots=1, announces=("m:A", "m:B"))
    only = stage.worker("only", "environment", slots=1, announces=("m:A",))
    asker = stage.acquire("environment=m:A", "environment=m:B")
    stage.admits(both, only)
    grants = stage.last(asker, Granted).grants
    assert (grants["0"].worker_id, grants["1"].worker_id) == ("only", "both")


def test_a_component_that_nobody_announced_is_an_error_at_once(stage: Stage) -> None:
    stage.worker("a", "environment", slots=1, announces=("m:A", "m:B"))
    asker = stage.acquire("environment=m:Typo")
    error = stage.last(asker, Rejected).error
    assert isinstance(error, NotFoundError)
    assert error.reason == "COMPONENT_UNKNOWN"
    assert error.metadata == {"service": "environment", "component": "m:Typo", "announced": "m:A, m:B"}


def test_while_no_worker_of_the_service_is_there_a_component_is_waited_for(stage: Stage) -> None:
    right, wrong = stage.acquire("environment=m:A"), stage.acquire("environment=m:Typo")
    stage.advance(60)
    assert not stage.told(wrong, Rejected)
    worker = stage.worker("a", "environment", slots=1, announces=("m:A",))
    stage.admits(worker)
    assert stage.told(right, Granted)
    assert stage.reason(wrong) == "COMPONENT_UNKNOWN"


def test_a_component_of_a_worker_that_is_away_for_a_moment_is_known(stage: Stage) -> None:
    stage.worker("a", "environment", slots=1, announces=("m:A",))
    stage.breaks(stage.worker("b", "environment", slots=1, announces=("m:B",)))
    asker = stage.acquire("environment=m:B")
    assert not stage.told(asker, Rejected)
    back = stage.worker("b", "environment", slots=1, announces=("m:B",), incarnation=2)
    stage.admits(back)
    assert stage.told(asker, Granted)
