"""Spaces: gymnasium's own classes, what of them Sparring carries, and when two are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple

from sparring.types.leaf import Leaf, kind_of, leaves
from sparring.types.space_parser import parse_space
from sparring.types.space_text import describe_space

__all__ = [
    "Box",
    "Dict",
    "Discrete",
    "Leaf",
    "MultiBinary",
    "MultiDiscrete",
    "Space",
    "Text",
    "Tuple",
    "describe_space",
    "equal_spaces",
    "kind_of",
    "leaves",
    "parse_space",
]


def equal_spaces(one: Space[Any], other: Space[Any]) -> bool:
    """Tell whether two spaces are exactly the same: kind, dtype, shape, every bound, start, charset, order of keys.

    gymnasium's own comparison allows small differences of bounds; here a packed value of one must mean the same in
    the other.
    """
    kind = kind_of(one)
    if kind is not kind_of(other):
        return False
    if isinstance(one, Tuple) and isinstance(other, Tuple):
        return len(one.spaces) == len(other.spaces) and all(map(equal_spaces, one.spaces, other.spaces))
    if isinstance(one, Dict) and isinstance(other, Dict):
        return list(one.spaces) == list(other.spaces) and all(
            map(equal_spaces, one.spaces.values(), other.spaces.values())
        )
    if isinstance(one, Text) and isinstance(other, Text):
        return (one.min_length, one.max_length, one.character_list) == (
            other.min_length,
            other.max_length,
            other.character_list,
        )
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in _NUMBERS[kind])


_NUMBERS: dict[type[Space[Any]], tuple[str, ...]] = {
    Box: ("low", "high"),
    Discrete: ("n", "start"),
    MultiDiscrete: ("nvec", "start"),
    MultiBinary: (),
}
