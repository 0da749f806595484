"""One session: numbers, the last answer, what ends it."""

from collections.abc import Iterator
from typing import Any

import pytest

from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.session import Refused
from sparring.codec.values import Chunks
from sparring.host.session import Session
from sparring.types.declaration import Component
from sparring.types.errors import (
    AuthorError,
    FailedPreconditionError,
    InvalidArgumentError,
    LostError,
)
from sparring.types.frames import EnvironmentStarted, ResetDone, Shutdown, StartEnvironment, Update, Updated
from sparring.types.values import Values
from tests.unit.host.fake_instance import FakeInstance
from tests.unit.host.slots import PlayedParent, slot

FRAMES = EnvironmentFrames()
START = StartEnvironment(Component("", {}), "grid", 1, (2,), token="one")
STARTED = EnvironmentStarted((), (), (), ResetDone(Values(b"")), capabilities=frozenset({"lanes"}))
UPDATE = Update(Values(b""))
FIRST, SECOND = Updated(Values(b"1"), Values(b"")), Updated(Values(b"2"), Values(b""))


@pytest.fixture
def parent() -> Iterator[PlayedParent]:
    with slot() as (context, parent):
        parent.context = context  # type: ignore[attr-defined]
        yield parent


def session(parent: Any, instance: FakeInstance) -> Session[Any, Any]:
    return Session(parent.context, "one", instance, FRAMES, StartEnvironment)


def read(messages: Any) -> tuple[int, Any]:
    (message,) = messages
    return FRAMES.decode_response(message, Chunks())


def test_a_slot_adds_that_it_can_resume(parent: PlayedParent) -> None:
    number, started = read(session(parent, FakeInstance(STARTED)).begin(START))
    assert number == 1
    assert started.capabilities == {"lanes", "resume"}


@pytest.mark.obligation(25)
def test_a_request_is_carried_out_once(parent: PlayedParent) -> None:
    instance = FakeInstance(STARTED, FIRST, SECOND)
    one = session(parent, instance)
    begun = one.begin(START)
    assert one.answer(1, START) == begun
    assert read(one.answer(2, UPDATE)) == (2, FIRST)
    assert read(one.answer(2, UPDATE)) == (2, FIRST)
    assert read(one.answer(3, UPDATE)) == (3, SECOND)
    assert len(instance.asked) == 3


@pytest.mark.parametrize("number", [0, 1, 4])
def test_numbers_out_of_turn_are_fatal(parent: PlayedParent, number: int) -> None:
    one = session(parent, FakeInstance(STARTED, FIRST))
    one.begin(START)
    one.answer(2, UPDATE)
    with pytest.raises(FailedPreconditionError) as caught:
        one.answer(number, UPDATE)
    assert caught.value.reason == "SEQUENCE_UNEXPECTED"


def test_a_second_start_is_fatal(parent: PlayedParent) -> None:
    one = session(parent, FakeInstance(STARTED))
    one.begin(START)
    with pytest.raises(FailedPreconditionError) as caught:
        one.answer(2, START)
    assert caught.value.reason == "GRAMMAR_VIOLATED"


@pytest.mark.parametrize("kind", [InvalidArgumentError, FailedPreconditionError])
def test_what_an_instance_refuses_is_an_answer(parent: PlayedParent, kind: Any) -> None:
    one = session(parent, FakeInstance(STARTED, kind("NO_WAY", "No way."), FIRST))
    one.begin(START)
    number, refused = read(one.answer(2, UPDATE))
    assert (number, type(refused), refused.error.reason) == (2, Refused, "NO_WAY")
    assert read(one.answer(3, UPDATE)) == (3, FIRST)


def test_what_author_code_raises_is_no_answer(parent: PlayedParent) -> None:
    one = session(parent, FakeInstance(STARTED, AuthorError("AUTHOR_CODE_FAILED", "It failed.")))
    one.begin(START)
    with pytest.raises(AuthorError):
        one.answer(2, UPDATE)


@pytest.mark.parametrize(
    ("error", "said", "farewell"),
    [
        (None, ("", False), True),
        (LostError("LINGER_OVER", "Nobody came back."), ("LINGER_OVER", True), True),
        (AuthorError("AUTHOR_CODE_FAILED", "It failed."), ("AUTHOR_CODE_FAILED", False), False),
        (RuntimeError("a secret"), ("INTERNAL", False), True),
    ],
    ids=["well", "lost", "author", "bug"],
)
def test_the_parent_is_told_how_it_ended_and_author_code_may_shut_down(
    parent: PlayedParent, error: Exception | None, said: tuple[str, bool], farewell: bool
) -> None:
    instance = FakeInstance(STARTED)
    one = session(parent, instance)
    one.begin(START)
    one.end(error)
    (ended,) = parent.heard()
    assert (ended["reason"], ended["lost"]) == said
    assert "a secret" not in ended["message"]
    assert instance.shut_down is farewell
    assert instance.closed == 1


def test_a_farewell_is_not_said_twice(parent: PlayedParent) -> None:
    instance = FakeInstance(STARTED)
    one = session(parent, instance)
    one.begin(START)
    one.end(None, farewell=False)
    assert Shutdown() not in instance.asked
