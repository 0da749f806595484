"""Which sessions a slot lets in, and what it says to its parent."""

import threading
from collections.abc import Iterator

import pytest

from sparring.host import slot_context
from sparring.host.slot_context import SlotContext
from sparring.rpc.tokens import token_metadata
from sparring.types.errors import ExhaustedError, UnauthenticatedError
from tests.unit.host.slots import PlayedParent, slot

Both = tuple[SlotContext, PlayedParent]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    monkeypatch.setattr(slot_context, "ADMISSION_S", 0.05)
    with slot() as both:
        yield both


def test_a_token_that_is_expected_is_good_once(both: Both) -> None:
    context, _ = both
    context.hear({"do": "expect", "token": "one", "for_s": 30})
    assert context.expects("one")
    assert not context.expects("two")
    context.admit("one")
    for token in ("one", "two"):
        with pytest.raises(ExhaustedError) as caught:
            context.admit(token)
        assert caught.value.reason == "SLOT_TAKEN"


def test_a_token_that_has_expired_is_refused(both: Both) -> None:
    context, _ = both
    context.hear({"do": "expect", "token": "one", "for_s": -1})
    with pytest.raises(ExhaustedError):
        context.admit("one")


def test_a_client_may_be_faster_than_the_word_that_it_comes(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot_context, "ADMISSION_S", 10.0)
    context, _ = both
    word = threading.Timer(0.05, context.hear, ({"do": "expect", "token": "one", "for_s": 30},))
    word.start()
    context.admit("one")
    word.join()


def test_what_is_forgotten_is_told_as_ended_and_not_expected_any_more(both: Both) -> None:
    context, parent = both
    for do in ("forget", "withdraw"):
        context.hear({"do": "expect", "token": "one", "for_s": 30})
        context.hear({"do": do, "token": "one"})
        assert not context.expects("one")
        assert [said["say"] for said in parent.heard()] == ["ended"]


def test_what_has_begun_is_not_forgotten(both: Both) -> None:
    context, parent = both
    context.hear({"do": "expect", "token": "one", "for_s": 30})
    context.admit("one")
    context.hear({"do": "forget", "token": "one"})
    assert parent.heard() == []


def test_a_session_is_withdrawn_once_it_is_known(both: Both) -> None:
    context, _ = both
    withdrawn: list[str] = []
    context.on_withdraw(withdrawn.append)
    context.hear({"do": "withdraw", "token": "nobody's"})
    assert withdrawn == []
    context.hear({"do": "expect", "token": "one", "for_s": 30})
    context.admit("one")
    context.hear({"do": "withdraw", "token": "one"})  # between: nobody may know it yet
    context.opened("one", "grid", "run-1")
    assert withdrawn == ["one", "one"]
    context.ended("one")
    context.hear({"do": "withdraw", "token": "one"})
    assert withdrawn == ["one", "one"]


def test_it_says_what_becomes_of_a_session(both: Both) -> None:
    context, parent = both
    context.opened("one", "grid", "run-1")
    context.suspended("one")
    context.resumed("one")
    context.ended("one", "LINGER_OVER", "Nobody came back.", lost=True)
    assert parent.heard() == [
        {"say": "opened", "token": "one", "component": "grid", "run": "run-1"},
        {"say": "suspended", "token": "one"},
        {"say": "resumed", "token": "one"},
        {"say": "ended", "token": "one", "reason": "LINGER_OVER", "message": "Nobody came back.", "lost": True},
    ]


def test_it_is_told_to_stop(both: Both) -> None:
    context, _ = both
    context.hear({"do": "drain"})
    assert context.stop.is_set()


def test_callers_show_the_token_where_there_is_one() -> None:
    with slot(token="secret") as (context, _):
        context.authorize("/method", (token_metadata("secret"),))
        with pytest.raises(UnauthenticatedError):
            context.authorize("/method", ())
    with slot() as (context, _):
        context.authorize("/method", ())
