"""Questions about author code, in short-lived processes."""

import asyncio
from typing import Any

import psutil
import pytest

from sparring.host.describing import describe
from sparring.types.errors import AuthorError, HungError, InternalError, InvalidArgumentError
from tests.integration.hosts.pools import PLUGINS, SEARCH
from tests.support.eventually import eventually

ENTRY = "sparring.environment.server.describing:answer"
NOT_MADE = "tests.integration.hosts.authors:NotMade"
DUMMY = "sparring.environment:DummyEnvironment"


def about(name: str, **parameters: Any) -> dict[str, Any]:
    return {"ask": "describe", "name": name, "parameters": parameters}


async def ask(*questions: dict[str, Any], timeout_s: float = 20.0, entry: str = ENTRY) -> list[Any]:
    return list(await describe(entry, questions, timeout_s=timeout_s, plugins=PLUGINS, search_paths=SEARCH))


async def test_each_question_has_its_answer_in_order() -> None:
    first, second, third = await ask(about(DUMMY), about(DUMMY, max_iter=-1), about(DUMMY, discrete=False))
    assert isinstance(second, AuthorError)
    assert first["response"] != third["response"]


async def test_a_question_at_which_the_process_dies_does_not_spoil_the_others() -> None:
    first, second, third = await ask(about(DUMMY), about(NOT_MADE, dies=True), about(DUMMY))
    assert "response" in first
    assert isinstance(second, AuthorError)
    assert second.reason == "PROCESS_DIED"
    assert "response" in third


async def test_a_question_that_hangs_ends_with_the_deadline_and_its_process_is_gone() -> None:
    first, second, third = await ask(about(DUMMY), about(NOT_MADE), about(DUMMY), timeout_s=2.0)
    assert "response" in first
    for error in (second, third):
        assert isinstance(error, HungError)
        assert error.reason == "DEADLINE_PASSED"
    assert psutil.Process().children() == []


async def test_who_asks_may_change_his_mind() -> None:
    asking = asyncio.create_task(ask(about(NOT_MADE)))
    await eventually(lambda: psutil.Process().children())
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert psutil.Process().children() == []


async def test_errors_keep_their_class_and_their_values() -> None:
    (error,) = await ask(about(DUMMY, max_itr=3))
    assert isinstance(error, InvalidArgumentError)
    assert (error.reason, error.metadata["parameter"]) == ("PARAMETERS_INVALID", "max_itr")


async def test_a_bug_of_ours_is_told_apart_from_the_authors() -> None:
    (error,) = await ask({"ask": "describe"})
    assert isinstance(error, InternalError)
    assert error.reason == "DESCRIPTION_FAILED"


async def test_an_entry_that_is_not_there_is_an_error_and_not_a_hang() -> None:
    (error,) = await ask(about(DUMMY), entry="sparring.no_such_module:answer")
    assert isinstance(error, AuthorError)


async def test_what_author_code_prints_does_not_mix_with_the_answers(capfd: pytest.CaptureFixture[str]) -> None:
    (answer,) = await ask(about("tests.integration.hosts.authors:Trouble", what="print", at=0))
    assert "response" in answer
    assert capfd.readouterr().out == ""


async def test_nothing_asked_is_nothing_answered() -> None:
    assert await ask() == []
