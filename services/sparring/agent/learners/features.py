"""What a learner sees: the readings of all sensors as one vector of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space
from numpy.typing import NDArray

from sparring.agent.learners.columns import leaf_columns, presence
from sparring.types.conversion import split
from sparring.types.layout import Layout
from sparring.types.values import Values

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Part:
    """One leaf: where it comes from, and the features it becomes."""

    field: int
    leaf: int
    start: int
    stop: int
    lowest: NDArray[np.int64] | None  # of categories; None: numbers
    offsets: NDArray[np.int64] | None


class Features:
    """Turns readings into features: a Box gives its numbers, every Discrete one feature per element (one-hot).

    MultiDiscrete and MultiBinary are several Discretes; Tuple and Dict are flattened; Text is not seen.

    Args:
        spaces: Of the sensors, in order.

    Attributes:
        size: How many features.
        numbers: Which of them are numbers, and worth normalising; the others are one-hot.
    """

    def __init__(self, spaces: Sequence[Space[Any]]) -> None:
        self._layout = Layout(spaces)
        self._parts: list[_Part] = []
        self.size = 0
        numbers: list[bool] = []
        for number, packed in enumerate(self._layout.arrays):
            counts, lowest = _categories(packed.leaf.space)
            width = packed.leaf.count if counts is None else int(counts.sum())
            offsets = None if counts is None else np.cumsum(counts) - counts
            start, self.size = self.size, self.size + width
            self._parts.append(_Part(packed.field, number, start, self.size, lowest, offsets))
            numbers += [counts is None] * width
        self.numbers: NDArray[np.bool_] = np.array(numbers, np.bool_)
        only = self._layout.arrays[0].leaf if len(self._layout.leaves) == 1 else None
        self._direct = only is not None and not only.path and bool(self.numbers.all()) and len(only.shape) == 1
        self._plain = all(field.plain for field in self._layout.fields)

    def of_rows(self, rows: Sequence[Values]) -> Array:
        """Return [rows, features] of packed readings; NaN for numbers that are absent."""
        found = np.zeros((len(rows), self.size))
        present = presence(self._layout, rows)
        for part, column in zip(self._parts, leaf_columns(self._layout, rows), strict=True):
            flat = column.reshape(len(rows), -1)
            into = found[:, part.start : part.stop]
            if part.lowest is None or part.offsets is None:
                into[:] = flat
            else:
                np.put_along_axis(into, flat - part.lowest + part.offsets, 1.0, axis=1)
            if present is not None:
                into[~present[:, part.field]] = np.nan if part.lowest is None else 0.0
        return found

    def of_one(self, readings: Sequence[Any], missing: Array) -> Array:
        """Return the features of one step.

        Args:
            readings: One per sensor; None where there is none.
            missing: The features to take where there is none.
        """
        if self._direct:
            only: Any = readings[0]
            return missing if only is None else only
        found = missing.copy()
        values = readings if self._plain else self._split(readings)
        for part in self._parts:
            value = values[part.leaf]
            if value is None:
                continue
            if part.lowest is None or part.offsets is None:
                found[part.start : part.stop] = value if np.ndim(value) == 0 else value.reshape(-1)
            else:
                found[part.start : part.stop] = 0.0
                found[part.start + np.ravel(value) - part.lowest + part.offsets] = 1.0
        return found

    def _split(self, readings: Sequence[Any]) -> list[Any]:
        """Return a value per leaf that is not Text."""
        values: list[Any] = []
        for field, reading in zip(self._layout.fields, readings, strict=True):
            inner = [None] * len(field.leaves) if reading is None else split(field.space, reading)
            values += [one for packed, one in zip(field.leaves, inner, strict=True) if packed.leaf.dtype is not None]
        return values


def _categories(space: Space[Any]) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
    """Return how many categories each element has, and the lowest of each; None for numbers."""
    if isinstance(space, Discrete):
        return np.array([space.n]), np.array([space.start])
    if isinstance(space, MultiDiscrete):
        return np.ravel(space.nvec).astype(np.int64), np.ravel(space.start).astype(np.int64)
    if isinstance(space, MultiBinary):
        return np.full(int(np.prod(space.shape)), 2), np.zeros(int(np.prod(space.shape)), np.int64)
    assert isinstance(space, Box)
    return None, None
