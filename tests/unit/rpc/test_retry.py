"""Retries: bounded in number and time, jittered, and only for what may pass."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.rpc.retry import Backoff, retried, retried_sync
from sparring.types.errors import ExhaustedError, NotFoundError, SparringError, UnavailableError

GONE = UnavailableError("NO_WORKER", "Nobody is there.")


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.pauses_s: list[float] = []

    def clock(self) -> float:
        return self.now_s

    def sleep(self, pause_s: float) -> None:
        self.pauses_s.append(pause_s)
        self.now_s += pause_s

    async def sleep_async(self, pause_s: float) -> None:
        self.sleep(pause_s)


def failing(times: int, error: SparringError = GONE) -> Callable[[], str]:
    left = [times]

    def action() -> str:
        if left[0] == 0:
            return "done"
        left[0] -= 1
        raise error

    return action


def run(time: Time, action: Callable[[], str], backoff: Backoff, seed: int = 0, **given: tuple[type, ...]) -> str:
    return retried_sync(action, backoff=backoff, rng=random.Random(seed), sleep=time.sleep, clock=time.clock, **given)


def test_what_fails_for_a_moment_succeeds_in_the_end() -> None:
    time = Time()
    assert run(time, failing(3), Backoff(attempts=4)) == "done"
    assert len(time.pauses_s) == 3


async def test_it_does_so_for_coroutines() -> None:
    time, action = Time(), failing(3)

    async def attempt() -> str:
        return action()

    assert await retried(attempt, sleep=time.sleep_async, clock=time.clock, rng=random.Random(0)) == "done"
    assert len(time.pauses_s) == 3


def test_the_last_error_comes_out_when_attempts_are_used_up() -> None:
    time = Time()
    with pytest.raises(UnavailableError) as caught:
        run(time, failing(3), Backoff(attempts=3))
    assert caught.value is GONE
    assert len(time.pauses_s) == 2


def test_no_attempt_starts_after_the_budget() -> None:
    time = Time()
    with pytest.raises(UnavailableError):
        run(time, failing(1000), Backoff(attempts=1000, first_s=1.0, factor=1.0, budget_s=10.0))
    assert 0 < time.now_s <= 10.0


@pytest.mark.parametrize("error", [NotFoundError("NO_RUN", "No."), ExhaustedError("NO_SLOT", "Full.")])
def test_other_errors_come_out_at_once(error: SparringError) -> None:
    time = Time()
    with pytest.raises(type(error)):
        run(time, failing(1, error), Backoff())
    assert time.pauses_s == []


def test_a_full_service_is_not_asked_before_the_time_it_named() -> None:
    time = Time()
    full = ExhaustedError("NO_SLOT", "Full.", retry_after_ms=2500)
    assert run(time, failing(1, full), Backoff(first_s=0.1), on=(ExhaustedError,)) == "done"
    assert time.pauses_s == [2.5]


def test_the_same_seed_gives_the_same_pauses_and_another_gives_others() -> None:
    def pauses(seed: int) -> list[float]:
        return list(Backoff().pauses_s(random.Random(seed)))

    assert pauses(1) == pauses(1) != pauses(2)


@given(
    st.builds(
        Backoff,
        attempts=st.integers(1, 50),
        first_s=st.floats(0, 100),
        factor=st.floats(1, 10),
        most_s=st.floats(0, 100),
    ),
    st.integers(),
)
def test_pauses_stay_between_zero_and_their_growing_limit(backoff: Backoff, seed: int) -> None:
    pauses = list(backoff.pauses_s(random.Random(seed)))
    assert len(pauses) == backoff.attempts - 1
    for number, pause_s in enumerate(pauses):
        assert 0 <= pause_s <= min(backoff.first_s * backoff.factor**number, backoff.most_s) * (1 + 1e-9)
