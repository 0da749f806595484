"""Values drawn at random from spaces, all at once and by a given generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete, Space, Text
from numpy.typing import NDArray

from sparring.types.conversion import assemble
from sparring.types.leaf import Leaf, leaves

_INT64 = np.iinfo(np.int64)
_Reader = Callable[[NDArray[Any], NDArray[Any], np.random.Generator], Any]


class Sampler:
    """Draws a value from each of several spaces.

    Bounded numbers are uniform; without any bound they are normal, with one bound exponential from there.

    Args:
        spaces: The spaces.
    """

    def __init__(self, spaces: Sequence[Space[Any]]) -> None:
        self._spaces = list(spaces)
        found = [leaf for space in spaces for leaf in leaves(space)]
        self._flat = all(not leaf.path for leaf in found)
        whole = [leaf for leaf in found if leaf.dtype is not None and leaf.dtype.kind != "f"]
        fractions = [leaf for leaf in found if leaf.dtype is not None and leaf.dtype.kind == "f"]
        self._low, self._high = _bounds([_as_int64(leaf) for leaf in whole], np.int64)
        self._floats = _Floats(*_bounds([leaf.bounds() for leaf in fractions], np.float64))
        starts = {id(leaf): start for some in (whole, fractions) for leaf, start in _starts(some)}
        self._readers = [_reader(leaf, starts.get(id(leaf), 0)) for leaf in found]

    def draw(self, rng: np.random.Generator) -> list[Any]:
        """Return one value per space, as `space.sample()` would make it."""
        integers = rng.integers(self._low, self._high, endpoint=True) if self._low.size else self._low
        floats = self._floats.draw(rng)
        parts = [read(integers, floats, rng) for read in self._readers]
        if self._flat:
            return parts
        remaining = iter(parts)
        return [assemble(space, remaining) for space in self._spaces]


class _Floats:
    """Draws floating-point numbers between bounds."""

    def __init__(self, low: NDArray[Any], high: NDArray[Any]) -> None:
        self._low, self._high = low, high
        above, below = np.isfinite(low), np.isfinite(high)
        self._bounded = above & below
        self._normal = ~above & ~below
        self._above, self._below = above & ~below, below & ~above
        self._span = np.where(self._bounded, high / 2 - low / 2, 0.0)
        self._all_bounded = bool(self._bounded.all())

    def draw(self, rng: np.random.Generator) -> NDArray[np.float64]:
        if not self._low.size:
            return self._low
        drawn: NDArray[np.float64] = rng.random(self._low.size)
        # Half the span at a time: the whole one of a Box from -1e308 to 1e308 is no number.
        bounded = np.where(self._bounded, self._low, 0.0) + drawn * self._span + drawn * self._span
        if self._all_bounded:
            return bounded
        normal, steep = rng.standard_normal(self._low.size), rng.standard_exponential(self._low.size)
        result = np.where(self._normal, normal, bounded)
        with np.errstate(invalid="ignore"):  # infinite bounds are not chosen
            result = np.where(self._above, self._low + steep, result)
            return np.where(self._below, self._high - steep, result)


def _starts(found: Sequence[Leaf]) -> Iterator[tuple[Leaf, int]]:
    """Yield leaves with the place of their first number."""
    start = 0
    for leaf in found:
        yield leaf, start
        start += leaf.count


def _reader(leaf: Leaf, start: int) -> _Reader:
    """Return how a leaf's value is taken from what was drawn."""
    space, stop, dtype = leaf.space, start + leaf.count, leaf.dtype
    if dtype is None:
        return lambda integers, floats, rng: _text(space, rng)
    if isinstance(space, Discrete):
        return lambda integers, floats, rng: int(integers[start])
    if dtype.kind != "f":
        return lambda integers, floats, rng: integers[start:stop].reshape(leaf.shape).astype(space.dtype)
    low, high = leaf.bounds()

    def read(integers: NDArray[Any], floats: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        drawn = floats[start:stop].reshape(leaf.shape).astype(space.dtype)
        # Rounding to a shorter type may have left the bounds.
        return drawn if drawn.itemsize == 8 else np.clip(drawn, low, high, out=drawn)

    return read


def _bounds(
    bounds: Sequence[tuple[NDArray[Any], NDArray[Any]]], dtype: type[np.generic]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return lowest and highest values of all numbers side by side."""
    if not bounds:
        return np.zeros(0, dtype), np.zeros(0, dtype)
    low, high = (np.concatenate([np.ravel(each) for each in side]) for side in zip(*bounds, strict=True))
    return low.astype(dtype), high.astype(dtype)


def _as_int64(leaf: Leaf) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return bounds of integers, at most those of int64."""
    low, high = leaf.bounds()
    if leaf.space.dtype == np.uint64:
        high = np.minimum(high, np.uint64(_INT64.max))
        low = np.minimum(low, high)
    return low.astype(np.int64), high.astype(np.int64)


def _text(space: Any, rng: np.random.Generator) -> str:
    assert isinstance(space, Text)
    characters = space.character_list
    length = int(rng.integers(space.min_length, space.max_length, endpoint=True))
    return "".join(characters[place] for place in rng.integers(0, len(characters), length))
