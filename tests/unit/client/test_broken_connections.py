"""Broken connections are told from what the other side says, whatever status gRPC gives them."""

from __future__ import annotations

import pytest

from sparring.client.session_errors import is_broken, session_error
from sparring.types.errors import InternalError, LostError


@pytest.mark.parametrize(
    "text", ["Stream removed (Socket closed)", "Received RST_STREAM with error code 2", "Internal error from Core"]
)
def test_what_grpc_says_of_a_connection_that_is_gone_means_that_the_other_side_is_lost(text: str) -> None:
    error = InternalError("INTERNAL", text)
    assert is_broken(error)
    assert isinstance(session_error(error, "the brain of agent 'one'"), LostError)


def test_a_bug_of_the_other_side_is_none() -> None:
    error = InternalError("INTERNAL", "KeyError: 'weights'")
    assert not is_broken(error)
    assert not isinstance(session_error(error, "the brain of agent 'one'"), LostError)
