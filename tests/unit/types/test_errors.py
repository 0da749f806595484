"""Errors keep reason, sentence and values wherever they travel."""

from __future__ import annotations

import copy
import pickle

import pytest

from sparring.types import errors
from sparring.types.errors import AuthorError, InvalidArgumentError, OutOfActionSpaceError, SparringError

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SparringError)]


def test_an_error_is_its_sentence_with_a_reason_and_values_as_text() -> None:
    error = AuthorError("AUTHOR_RAISED", "Environment grid raised in step 3.", component="grid", step=3)
    assert str(error) == error.message == "Environment grid raised in step 3."
    assert error.reason == "AUTHOR_RAISED"
    assert error.metadata == {"component": "grid", "step": "3"}


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_survives_a_pickle_and_a_copy(kind: type[SparringError]) -> None:
    error = kind("SOME_REASON", "It went wrong.", step=3)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is kind
        assert (other.reason, other.message, other.metadata) == ("SOME_REASON", "It went wrong.", {"step": "3"})


@pytest.mark.parametrize("reason", ["", "A", "lower", "MIXED_case", "_LEADING", "TRAILING_", "1ST", "A" * 64, "A B"])
def test_a_reason_that_is_not_upper_snake_is_a_bug(reason: str) -> None:
    with pytest.raises(ValueError, match="UPPER_SNAKE"):
        SparringError(reason, "It went wrong.")


def test_a_caller_that_knows_more_adds_values() -> None:
    error = OutOfActionSpaceError("VALUE_OUT_OF_SPACE", "Too much.", value=2).with_values(component="agent", value=3)
    assert type(error) is OutOfActionSpaceError
    assert error.metadata == {"value": "3", "component": "agent"}


def test_a_value_out_of_its_space_is_an_invalid_argument_and_a_value_error() -> None:
    assert issubclass(OutOfActionSpaceError, InvalidArgumentError)
    assert issubclass(OutOfActionSpaceError, ValueError)


def test_the_tree_is_drawn_completely() -> None:
    assert SparringError.__doc__ is not None
    assert [kind.__name__ for kind in EVERY if kind.__name__ not in SparringError.__doc__] == []


def test_an_error_shows_its_values_to_developers() -> None:
    assert repr(InvalidArgumentError("BAD", "No.", a=1)) == "InvalidArgumentError('BAD', 'No.', a='1')"
