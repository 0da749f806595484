"""Attempts: a store without room has a patience of its own, and is no outage."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sparring.client.attempts import Attempts
from sparring.client.repeated_calls import RepeatedCalls
from sparring.rpc.retry import Backoff
from sparring.types.errors import UnavailableError

TWICE = Backoff(attempts=2, first_s=0.0)
TEN_TIMES = Backoff(attempts=10, first_s=0.0)


def full() -> UnavailableError:
    return UnavailableError("STORE_FULL", "No room.")


def gone() -> UnavailableError:
    return UnavailableError("SERVER_UNREACHABLE", "Nobody there.")


def count(attempts: Attempts, error: UnavailableError) -> int:
    made = 0
    while True:
        try:
            attempts.pause_s(error)
        except UnavailableError:
            return made
        made += 1


def test_a_store_without_room_is_asked_as_often_as_its_patience_says() -> None:
    assert count(Attempts(TWICE, math.inf, TEN_TIMES), full()) == 10


def test_without_a_patience_it_counts_as_an_outage() -> None:
    assert count(Attempts(TWICE, math.inf), full()) == 2


def test_a_store_that_goes_away_after_it_was_full_has_a_whole_outage() -> None:
    attempts = Attempts(TWICE, math.inf, TEN_TIMES)
    attempts.pause_s(gone())
    attempts.pause_s(full())
    assert count(attempts, gone()) == 2


def test_an_outage_does_not_give_back_what_was_waited_for_room() -> None:
    attempts = Attempts(TWICE, math.inf, TEN_TIMES)
    for _ in range(6):
        attempts.pause_s(full())
    attempts.pause_s(gone())
    assert count(attempts, full()) == 4


class Place:
    """A service that is always there."""

    async def stub(self) -> str:
        """Return something."""
        return "stub"

    async def forget(self, stub: Any) -> None:
        """Never comes: nobody is away."""
        raise AssertionError(stub)


async def test_a_call_is_repeated_until_there_is_room() -> None:
    refused = 0

    async def action(stub: str) -> str:
        nonlocal refused
        if refused < 7:
            refused += 1
            raise full()
        return stub

    assert await RepeatedCalls(Place(), TWICE, TEN_TIMES).call(action) == "stub"
    refused = 0
    with pytest.raises(UnavailableError) as caught:
        await RepeatedCalls(Place(), TWICE).call(action)
    assert caught.value.reason == "STORE_FULL"
