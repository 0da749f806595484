"""Spaces written as one line of text, for messages and documents; `space_parser` reads them back."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from numpy.typing import NDArray

from sparring.types.leaf import kind_of

_SHOWN = 16
_DEFAULT_CHARACTERS = Text(1).character_list


def describe_space(space: Space[Any], *, whole: bool = False) -> str:
    """Write a space as one line that `parse_space` reads back.

    Args:
        space: of any kind that Sparring carries.
        whole: write every bound. By default arrays of more than 16 different numbers are shortened with `...`, for
            messages; such a text cannot be read back.
    """
    kind_of(space)
    if isinstance(space, Tuple):
        return f"Tuple({', '.join(describe_space(inner, whole=whole) for inner in space.spaces)})"
    if isinstance(space, Dict):
        inside = ", ".join(f"{key!r}: {describe_space(inner, whole=whole)}" for key, inner in space.spaces.items())
        return f"Dict({{{inside}}})"
    if isinstance(space, Box):
        low, high = (_numbers(bound, whole) for bound in (space.low, space.high))
        return f"Box(low={low}, high={high}, shape={space.shape}, dtype={_dtype_text(space.dtype)})"
    if isinstance(space, Discrete):
        start = f", start={space.start}" if space.start else ""
        return f"Discrete({space.n}{start}{_integers_text(space.dtype)})"
    if isinstance(space, MultiDiscrete):
        start = f", start={_elements(space.start, whole)}" if np.any(space.start) else ""
        return f"MultiDiscrete({_elements(space.nvec, whole)}{start}{_integers_text(space.dtype)})"
    if isinstance(space, MultiBinary):
        return f"MultiBinary({list(space.shape) if len(space.shape) != 1 else space.shape[0]})"
    assert isinstance(space, Text)
    characters = "" if space.character_list == _DEFAULT_CHARACTERS else f", charset={''.join(space.character_list)!r}"
    return f"Text(max_length={space.max_length}, min_length={space.min_length}{characters})"


def _dtype_text(dtype: np.dtype[Any]) -> str:
    return f"np.{dtype.name}" if dtype.isnative else repr(dtype.str)


def _integers_text(dtype: np.dtype[Any]) -> str:
    return "" if dtype == np.int64 else f", dtype={_dtype_text(dtype)}"


def _numbers(array: NDArray[Any], whole: bool) -> str:
    """Write bounds: one number where all are alike."""
    if not array.size:
        return "0"
    return str(array.flat[0]) if (array == array.flat[0]).all() else _elements(array, whole)


def _elements(array: NDArray[Any], whole: bool) -> str:
    """Write an array as nested lists, each number as short as its dtype allows."""
    if array.size > _SHOWN and not whole:
        return f"[{', '.join(map(str, array.flat[:3]))}, ..., {array.flat[-1]}]"
    if not array.ndim:
        return str(array[()])
    return f"[{', '.join(_elements(part, whole) if array.ndim > 1 else str(part) for part in array)}]"
