"""Setpoints that the kit tries: inside where they should be, outside where they should not."""

from itertools import islice

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Text, Tuple

from sparring.conformance.setpoints import extreme_setpoints, outside_setpoints, random_setpoints
from sparring.types.layout import Layout

SPACES = [
    Box(-1.0, 1.0, (2,), np.float32),
    Box(-np.inf, np.inf, (), np.float64),
    Box(0, 255, (3,), np.uint8),
    Box(-5, 5, (), np.int16),
    Box(0, 1, (2,), np.bool_),
    Discrete(3, start=-1),
    MultiBinary(2),
    MultiDiscrete([2, 5], start=[1, -1]),
    Text(4, min_length=1, charset="ab"),
    Tuple([Discrete(2), Dict({"inner": Box(0.0, 6.3, (), np.float16), "name": Text(3)})]),
]
NOTHING_OUTSIDE = 2
"""An uint8 from 0 to 255."""


@pytest.mark.parametrize("lanes", [1, 3])
def test_random_and_extreme_setpoints_are_inside(lanes: int) -> None:
    layout = Layout(SPACES, lanes)
    tried = [*islice(random_setpoints(layout, 1), 20), *extreme_setpoints(layout)]
    assert len(tried) == 22
    assert [layout.check(layout.accept(values)) for values in tried] == [None] * 22
    assert tried[:20] == list(islice(random_setpoints(layout, 1), 20))
    assert tried[:20] != list(islice(random_setpoints(layout, 2), 20))


def test_every_outside_setpoint_has_one_thing_wrong_with_it() -> None:
    layout = Layout(SPACES)
    inside = next(random_setpoints(layout, 1))
    tried = list(outside_setpoints(layout, inside))
    violations = [layout.check(layout.accept(values)) for _, values in tried]
    assert None not in violations
    fields = {violation.field for violation in violations if violation is not None}
    assert fields == set(range(len(SPACES))) - {NOTHING_OUTSIDE}
    assert any("NaN" in what for what, _ in tried)


def test_edges_are_the_bounds_as_far_as_they_are_finite() -> None:
    layout = Layout([Box(-1.0, 1.0, (), np.float32), Box(-np.inf, 7.0, (), np.float64), Discrete(3, start=-1)])
    low, high = (layout.unpack(values) for values in extreme_setpoints(layout))
    assert [float(low[0]), float(low[1]), low[2]] == [-1.0, 0.0, -1]  # type: ignore[arg-type]
    assert [float(high[0]), float(high[1]), high[2]] == [1.0, 7.0, 1]  # type: ignore[arg-type]
