"""The picture of a run."""

import math
import struct

import matplotlib as mpl
import pytest

from sparring.cli.plotting.picture import MOST_OBJECTIVES, draw
from tests.unit.cli.test_curves import curves, episode


def size(png: bytes) -> tuple[int, int]:
    """Return width and height as the file says."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])  # type: ignore[return-value]


def words(made: object, heading: str = "dummy-1") -> str:
    """Return a picture whose text is text."""
    with mpl.rc_context({"svg.fonttype": "none"}):
        return draw(made, heading, "svg").decode()  # type: ignore[arg-type]


def test_phases_stand_side_by_side_and_quantities_below_each_other() -> None:
    learned = [episode(number, float(number), keeper=float(number)) for number in range(6)]
    tested = [episode(number, 5.0, phase=1, mode="test", keeper=5.0) for number in range(3)]
    one, two = size(draw(curves(*learned), "one")), size(draw(curves(*learned, *tested), "two"))
    assert one[1] == pytest.approx(two[1], abs=60)
    taller = size(draw(curves(*learned, *tested, episode(3, 5.0, phase=1, mode="test", keeper=1.0)), "three"))
    assert taller[1] > two[1] + 100


def test_everything_is_said_in_the_picture() -> None:
    made = curves(
        *(episode(number, float(number), rollout=rollout, a=1.0) for number in range(20) for rollout in range(2)),
        episode(0, 5.0, mode="evaluate", at_s=99, a=1.0),
        episode(0, 17.5, phase=1, mode="test", a=1.0),
    )
    text = words(made, "dummy-1 (finished, seed 42)")
    for said in (
        "dummy-1 (finished, seed 42)",
        "phase 0: phase-0",
        "2 rollout workers",
        "1 evaluation",
        "mode test, 1 episode",
        "(rewards per episode)",
        "of a",
        "(steps per episode)",
        "episode of each rollout worker",
        "one episode",
        "mean of the last 5 episodes",
        "mean of a test phase",
        "17.5",
    ):
        assert said in text, said


def test_phases_of_different_lengths_say_over_how_many_episodes_each_mean_goes() -> None:
    learned = [episode(number, float(number)) for number in range(80)]
    text = words(curves(*learned, episode(0, 5.0, phase=1, mode="test")))
    assert "mean of the last 8 (train) or 5 (test) episodes" in text
    assert "last 8" in text


def test_names_are_taken_as_they_are() -> None:
    name = "$x_1$ and 火"
    assert "$x_1$" in words(curves(episode(0, 1.0, **{name: 2.0})), "a $ b $ c")
    assert size(draw(curves(episode(0, 1.0, **{name: 2.0})), "$\\frac$"))[0] > 0


def test_agents_beyond_the_most_are_named_but_not_drawn() -> None:
    crowd = {f"agent-{number}": float(number + 2) for number in range(MOST_OBJECTIVES + 1)}
    text = words(curves(episode(0, 1.0, **crowd)))
    assert f"not shown: objective of agent-{MOST_OBJECTIVES}" in text


@pytest.mark.parametrize("value", [math.nan, math.inf, -1e12])
def test_values_that_nobody_can_draw_do_no_harm(value: float) -> None:
    assert size(draw(curves(episode(0, value), episode(1, 1.0)), "odd"))[0] > 0


def test_nothing_global_is_left_changed() -> None:
    before = dict(mpl.rcParams)
    draw(curves(episode(0, 1.0)), "one")
    assert dict(mpl.rcParams) == before


def test_thousands_of_episodes_make_no_huge_vector_file() -> None:
    made = curves(*(episode(number, float(number % 7)) for number in range(5000)))
    assert len(draw(made, "many", "svg")) < 3_000_000
