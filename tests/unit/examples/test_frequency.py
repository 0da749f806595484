"""The two-area grid of the examples follows the physics it is said to follow."""

import importlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from tests.support.repository import ROOT
from tests.unit.environment.sessions import begin, step

EXAMPLES = str(ROOT / "examples")
QUIET = [0.0, 0.0, 0.0]


@pytest.fixture
def frequency() -> Iterator[Any]:
    """Return the module beside the document."""
    sys.path.insert(0, EXAMPLES)
    yield importlib.import_module("frequency")
    sys.path.remove(EXAMPLES)


def grid(frequency: Any, seed: int = 1, quiet: bool = True, **parameters: Any) -> Any:
    made = frequency.TwoAreas(**parameters)
    made.rng = np.random.default_rng(seed)
    made.reset(seed)
    if quiet:
        made._demand[:] = 0.0
        made.rng = type("Silence", (), {"normal": staticmethod(lambda mean, deviation, count: np.zeros(count))})()
    return made


def play(made: Any, setpoints: Sequence[float], steps: int) -> list[Any]:
    return [made.step(setpoints) for _ in range(steps)]


def test_whole_steps_are_exact(frequency: Any) -> None:
    a, b = frequency.dynamics()
    moves, pushes = frequency.discrete(a, b, 0.25)
    rng = np.random.default_rng(2)
    state, inputs = rng.normal(size=7), rng.normal(size=3)
    expected = state.copy()
    for _ in range(100_000):  # Euler's method, in very small steps
        expected += (a @ expected + b @ inputs) * (0.25 / 100_000)
    assert np.allclose(moves @ state + pushes @ inputs, expected, atol=1e-4)


def test_a_grid_that_nobody_disturbs_stays_at_its_frequency(frequency: Any) -> None:
    for after in play(grid(frequency), QUIET, 20):
        assert np.allclose(after.readings[:6], 0.0)
        assert after.rewards == [1.0]


def test_a_load_pulls_both_areas_down_to_where_primary_control_holds_them(frequency: Any) -> None:
    after = play(grid(frequency, duration_s=600), [0.0, 0.0, 0.05], 2000)[-1]
    north, south, change, flow = after.readings[:4]
    # 0.05 p.u. are shared by droop (1 / 2.5 p.u. per Hz) and damping (0.02) of both areas.
    assert north == pytest.approx(-0.05 / (2 * (1 / 2.5 + 0.02)), rel=1e-3)
    assert south == pytest.approx(north, rel=1e-3)
    assert (abs(change) < 1e-4, flow < 0) == (True, True)


def test_the_battery_gives_what_it_has_and_no_more(frequency: Any) -> None:
    made = grid(frequency)
    charges = [after.readings[6] for after in play(made, [0.05, 0.0, 0.0], 60)]
    assert charges[0] == pytest.approx(0.5 - 0.25 / 20)
    assert charges[39:] == pytest.approx([0.0] * 21)
    full = [after.readings[6] for after in play(made, [-0.05, 0.0, 0.0], 100)]
    assert full[-1] == pytest.approx(1.0)


def test_a_load_that_swings_with_the_line_shakes_more_than_one_that_stays(frequency: Any) -> None:
    stays = max(abs(after.readings[1]) for after in play(grid(frequency), [0.0, 0.0, 0.05], 200))
    swing = max(np.linalg.eigvals(frequency.dynamics()[0]).imag)  # radians per second
    made = grid(frequency)
    loads = [0.05 * np.sign(np.sin(swing * 0.25 * number)) for number in range(100)]
    swings = max(abs(made.step([0.0, 0.0, load]).readings[1]) for load in loads)
    assert swings > 4 * stays


def test_an_area_that_is_off_by_a_whole_hertz_is_disconnected(frequency: Any) -> None:
    made = grid(frequency)
    made._state[0] = -1.5
    after = made.step(QUIET)
    assert (after.terminated, after.truncated, after.rewards) == (True, False, [0.0])


def test_an_episode_that_lasts_is_cut_short_after_its_time(frequency: Any) -> None:
    session, started = begin(frequency.TwoAreas, parameters={"duration_s": 2})
    ends = [step(session, started, *map(np.array, QUIET)) for _ in range(8)]
    assert [end.time.ticks for end in ends] == [(250 * (number + 1),) for number in range(8)]
    assert [bool(end.truncated) for end in ends] == [False] * 7 + [True]
    assert ends[-1].terminated == (False,)


def test_episodes_of_equal_seeds_are_equal_and_others_are_not(frequency: Any) -> None:
    one, same, other = (play(grid(frequency, seed, quiet=False), QUIET, 10) for seed in (1, 1, 2))
    assert [each.readings for each in one] == [each.readings for each in same]
    assert one[-1].readings != other[-1].readings
