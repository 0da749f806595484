"""Whether packed values are inside their spaces: a few array comparisons for all fields of a step together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from gymnasium.spaces import Space, Text
from numpy.typing import NDArray

from sparring.types.conversion import show
from sparring.types.errors import OutOfSpaceError
from sparring.types.field import PackedLeaf
from sparring.types.space_text import describe_space
from sparring.types.values import Values, present_bits

_COLLAPSED = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Violation:
    """The first value of a step that its space does not contain.

    Attributes:
        field: index of the declared field.
        lane: where it is, counted from 0.
        path: of the leaf inside the declared space; empty if that is elementary.
        position: of the number inside the leaf's array; empty for a single number or text.
        value: that number or text.
        space: the leaf's space.
    """

    field: int
    lane: int
    path: str
    position: tuple[int, ...]
    value: object
    space: Space[Any]

    def describe(self) -> str:
        """Say what is wrong in a clause: `2.5 at [3] is not inside Box(...)`."""
        at = self.path + (str(list(self.position)) if self.position else "")
        return f"{show(self.value)}{f' at {at}' if at else ''} is not inside {describe_space(self.space)}"

    def error(self, uid: str) -> OutOfSpaceError:
        """Make the error that names the sensor, actuator or reward."""
        lane = f" in lane {self.lane}" if self.lane else ""
        return OutOfSpaceError(
            "VALUE_OUT_OF_SPACE",
            f"The value of {uid}{lane} is outside its space: {self.describe()}.",
            uid=uid,
            field=self.field,
            lane=self.lane,
            value=show(self.value),
            space=describe_space(self.space),
        )


class Containment:
    """The prepared bounds of all leaves of a layout, one comparison per dtype.

    Padding bytes are zero and always inside. NaN is never inside a Box, infinity is where the bound is infinite.
    """

    __slots__ = ("_count", "_groups", "_lanes", "_texts")

    def __init__(self, leaves: Sequence[PackedLeaf], lanes: int, fields: int) -> None:
        self._lanes = lanes
        self._count = lanes * fields
        by_dtype: dict[np.dtype[Any] | None, list[PackedLeaf]] = {}
        for packed in leaves:
            if packed.nbytes:
                by_dtype.setdefault(packed.leaf.dtype, []).append(packed)
        groups = [_Group(group, lanes) for group in by_dtype.values()]
        self._groups = [group for group in groups if group.low is not None or group.high is not None]
        self._texts = [packed for packed in leaves if packed.leaf.dtype is None]

    def check(self, values: Values) -> Violation | None:
        """Return the first present value outside its space (by field, then lane), or None."""
        data = values.data
        for group in self._groups:
            numbers = np.frombuffer(data, group.dtype, group.length, group.offset)
            if group.picks is not None:
                numbers = numbers[group.picks]
            low, high = group.low, group.high
            # NaN fails every comparison, so that each group has at least one; a zero byte in a mask is a False.
            if (low is not None and b"\0" in (numbers >= low).tobytes()) or (
                high is not None and b"\0" in (numbers <= high).tobytes()
            ):
                break
        else:
            if not self._texts or not self._text_violations(values):
                return None
        return self._first(values)

    def _first(self, values: Values) -> Violation | None:
        """Find the first violation that is present; absent values are zero, which need not be inside."""
        bits = present_bits(values.present, self._count)
        found = [place for group in self._groups for place in group.wrong(values.data, bits, self._lanes)]
        found += [(packed, lane, 0) for packed, lane in self._text_violations(values)]
        if not found:
            return None
        packed, lane, flat = min(found, key=lambda place: (place[0].field, place[1], place[0].offset))
        leaf = packed.leaf
        if leaf.dtype is None:
            return Violation(packed.field, lane, leaf.name, (), values.texts[packed.text + lane], leaf.space)
        position = tuple(int(axis) for axis in np.unravel_index(flat, leaf.shape)) if leaf.shape else ()
        skip = (lane * leaf.count + flat) * leaf.dtype.itemsize
        value = np.frombuffer(values.data, leaf.dtype, 1, packed.offset + skip)[0]
        return Violation(packed.field, lane, leaf.name, position, value, leaf.space)

    def _text_violations(self, values: Values) -> list[tuple[PackedLeaf, int]]:
        """Return the places of all texts that are present and too short, too long or of other characters."""
        found = []
        for packed in self._texts:
            space = packed.leaf.space
            assert isinstance(space, Text)
            for lane in range(self._lanes):
                text = values.texts[packed.text + lane]
                if space.min_length <= len(text) <= space.max_length and space.character_set.issuperset(text):
                    continue
                bit = packed.field * self._lanes + lane
                if not values.present or values.present[bit >> 3] >> (bit & 7) & 1:
                    found.append((packed, lane))
        return found


class _Group:
    """The leaves of one dtype, their bounds side by side.

    Attributes:
        dtype: of all its numbers.
        offset, length: the run of bytes, as numbers of that dtype, that spans all its leaves.
        picks: indices of its leaves' numbers in that run, if other leaves lie between; else None.
        low, high: bounds of the numbers compared, one if they are many and alike; None if nothing is below (above).
    """

    __slots__ = ("_places", "dtype", "high", "length", "low", "offset", "picks")

    def __init__(self, leaves: list[PackedLeaf], lanes: int) -> None:
        first, last = leaves[0], leaves[-1]
        assert first.leaf.dtype is not None
        self.dtype = first.leaf.dtype
        size = self.dtype.itemsize
        self.offset = first.offset
        stop = last.offset + last.nbytes
        self.length = (stop - self.offset) // size
        gapless = all(one.stop == other.offset for one, other in pairwise(leaves))
        if self.dtype.kind == "f":
            lowest, highest = np.array(-np.inf, self.dtype), np.array(np.inf, self.dtype)
        else:
            lowest, highest = (np.array(limit, self.dtype) for limit in _limits(self.dtype))
        low, high = np.full(self.length, lowest), np.full(self.length, highest)
        mine = np.zeros(self.length, np.bool_)
        self._places = []
        for packed in leaves:
            start = (packed.offset - self.offset) // size
            span = slice(start, start + lanes * packed.leaf.count)
            below, above = (bound.reshape(-1) for bound in packed.leaf.bounds())
            low[span], high[span], mine[span] = np.tile(below, lanes), np.tile(above, lanes), True
            self._places.append((packed, span, _collapse(below), _collapse(above)))
        self.picks: NDArray[np.intp] | None = None if gapless else np.flatnonzero(mine)
        bounded_below, bounded_above = bool((low > lowest).any()), bool((high < highest).any())
        if self.dtype.kind == "f" and not bounded_below:
            bounded_above = True
        low, high = (bounds if self.picks is None else bounds[self.picks] for bounds in (low, high))
        self.low = _collapse(low) if bounded_below else None
        self.high = _collapse(high) if bounded_above else None

    def wrong(self, data: bytes, bits: int, lanes: int) -> list[tuple[PackedLeaf, int, int]]:
        """Return, per leaf, the first lane and flat position with a number that is outside and present."""
        numbers = np.frombuffer(data, self.dtype, self.length, self.offset)
        found = []
        for packed, span, low, high in self._places:
            present = bits >> packed.field * lanes & (1 << lanes) - 1
            if not present:
                continue
            rows = numbers[span].reshape(lanes, -1)
            outside = ~((rows >= low) & (rows <= high))
            lane = next((lane for lane in np.flatnonzero(outside.any(axis=1)).tolist() if present >> lane & 1), None)
            if lane is not None:
                found.append((packed, lane, int(outside[lane].argmax())))
        return found


def _collapse(bounds: NDArray[Any]) -> NDArray[Any]:
    """Return one bound instead of many that are alike: it saves much memory, and a comparison of few is no faster."""
    return bounds[:1].copy() if bounds.size > _COLLAPSED and (bounds == bounds[0]).all() else bounds


def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)
