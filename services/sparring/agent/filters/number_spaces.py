"""Spaces of numbers as filters calculate with them: bounds and values as floating-point arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Space
from numpy.typing import NDArray

from sparring.types.errors import InvalidArgumentError
from sparring.types.information import SensorInformation
from sparring.types.leaf import leaves

Numbers = NDArray[np.float64]


def bounds(space: Space[Any], uid: str) -> tuple[Numbers, Numbers]:
    """Return lowest and highest values of an elementary space of numbers.

    Raises:
        InvalidArgumentError: FILTER_UNFIT, for Text, Tuple and Dict.
    """
    found = leaves(space)
    if len(found) != 1 or found[0].path or found[0].dtype is None:
        raise InvalidArgumentError(
            "FILTER_UNFIT", f"This filter calculates with numbers; {uid!r} is a {type(space).__name__}.", uid=uid
        )
    low, high = found[0].bounds()
    return low.astype(np.float64), high.astype(np.float64)


def numbers(value: Any) -> Numbers:
    """Return a value as floating-point numbers."""
    return np.asarray(value, np.float64)


def box(low: Numbers, high: Numbers) -> Box:
    """Return the Box of floats between two bounds, which lie next to one another at least."""
    below, above = (np.asarray(bound, np.float64) for bound in (low, high))
    return Box(below, above, below.shape, np.float64)


def sensor(values: Numbers, space: Box, uid: str) -> SensorInformation:
    """Return a reading, clipped into its space: rounding must not lead out of it."""
    return SensorInformation(np.clip(values, space.low, space.high), space, uid, check=False)


class Spaces:
    """Spaces of changed sensors, made once per sensor: from their bounds, by a function."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._known: dict[str, tuple[Space[Any], Box]] = {}

    def of(self, information: SensorInformation) -> Box:
        """Return the changed space of a sensor."""
        known = self._known.get(information.uid)
        if known is None or known[0] is not information.space:
            low, high = bounds(information.space, information.uid)
            known = self._known[information.uid] = (information.space, self._make(low, high))
        return known[1]
