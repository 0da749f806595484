"""Numbers and times as people read them."""

import math
from datetime import timedelta

import pytest

from sparring.cli.showing.numbers import ago, count, duration, rate, score
from tests.unit.cli.samples import BEGAN


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.42, "0.4 s"),
        (12.4, "12 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (86_400 * 4 + 3 * 3600, "4 d 3 h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("per_second", "text"), [(12345.6, "12,346"), (99.95, "100"), (0.82, "0.82"), (0, "-"), (math.nan, "-")]
)
def test_a_rate_that_was_not_measured_is_a_dash(per_second: float, text: str) -> None:
    assert rate(per_second) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0.0, "0"), (2.5, "2.5"), (-123456.7, "-123,457"), (math.inf, "inf")]
)
def test_a_score_is_short(value: float | None, text: str) -> None:
    assert score(value) == text


def test_one_is_singular() -> None:
    assert (count(1, "episode"), count(1200, "episode")) == ("1 episode", "1,200 episodes")


def test_ago_says_how_long() -> None:
    assert ago(BEGAN, BEGAN + timedelta(seconds=65)) == "1 min 5 s ago"
