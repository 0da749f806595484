"""What authors give and take, made into arrays of a space's leaves and back, refusing what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from gymnasium.spaces import Dict, Space, Tuple
from numpy.typing import NDArray

from sparring.types.errors import OutOfSpaceError
from sparring.types.leaf import Leaf
from sparring.types.space_text import describe_space

_LONGEST = 160
_SOURCES = {"f": "biuf", "i": "biu", "u": "biu"}


def split(space: Space[Any], value: object) -> list[object]:
    """Flatten a value of a space into the values of its leaves, in their order; they are not checked.

    Raises:
        OutOfSpaceError: the value of a Tuple has another length, or that of a Dict other keys.
    """
    parts: list[object] = []
    _split(space, value, parts)
    return parts


def _split(space: Space[Any], value: object, parts: list[object]) -> None:
    if isinstance(space, Tuple):
        if not isinstance(value, tuple | list | np.ndarray) or len(value) != len(space.spaces):
            raise outside(value, space, f"it must be a tuple of {len(space.spaces)} values")
        for inner, part in zip(space.spaces, value, strict=True):
            _split(inner, part, parts)
    elif isinstance(space, Dict):
        if not isinstance(value, Mapping) or value.keys() != space.spaces.keys():
            raise outside(value, space, f"it must be a dict with exactly the keys {', '.join(space.spaces)}")
        for key, inner in space.spaces.items():
            _split(inner, value[key], parts)
    else:
        parts.append(value)


def assemble(space: Space[Any], parts: Iterator[object]) -> object:
    """Put the values of a space's leaves together again: tuples for Tuple, dicts for Dict, in the space's order."""
    if isinstance(space, Tuple):
        return tuple([assemble(inner, parts) for inner in space.spaces])
    if isinstance(space, Dict):
        return {key: assemble(inner, parts) for key, inner in space.spaces.items()}
    return next(parts)


def coerce(leaf: Leaf, value: object, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    """Return a leaf's value as an array of its packed dtype and shape; bounds are not checked.

    Integers and bools become any integer or float type, floats any float type, as far as they fit: integers exactly,
    floats rounded to the nearest.

    Args:
        leaf: of a kind that is packed, not Text.
        value: what the author gave.
        shape: expected instead of the leaf's own, for several lanes at once.

    Raises:
        OutOfSpaceError: wrong shape, wrong kind of number, no number, or one too large for the dtype.
    """
    shape = leaf.shape if shape is None else shape
    try:
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise outside(value, leaf.space, f"it is no array of numbers ({wrong})", path=leaf.name) from wrong
    if array.shape != shape:
        raise outside(value, leaf.space, f"its shape is {array.shape}, the space's is {shape}", path=leaf.name)
    assert leaf.dtype is not None
    try:
        return cast(array, leaf.dtype)
    except ValueError as wrong:
        raise outside(value, leaf.space, str(wrong), path=leaf.name) from None


def cast(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return an array in another dtype of numbers, unless that would change what it says.

    Raises:
        ValueError: with the reason as a clause that begins with "it".
    """
    if array.dtype == dtype:
        return array
    if not array.size:
        return np.zeros(array.shape, dtype)
    if array.dtype.kind not in _SOURCES[dtype.kind]:
        kind = "floating-point numbers" if array.dtype.kind == "f" else f"no numbers but {array.dtype}"
        raise ValueError(f"it holds {kind}, the space is of {dtype.name}; convert it with astype where that is meant")
    if dtype.kind == "f":
        try:
            with np.errstate(over="raise"):
                return array.astype(dtype)
        except FloatingPointError:
            raise ValueError(f"it is of {array.dtype} and too large for the space's {dtype.name}") from None
    result = array.astype(dtype)
    if (result != array).any():
        raise ValueError(f"it is of {array.dtype} and does not fit the space's {dtype.name}")
    return result


def coerce_text(leaf: Leaf, value: object) -> str:
    """Return the value of a Text leaf as a plain str; length and characters are not checked.

    Raises:
        OutOfSpaceError: it is no text.
    """
    if isinstance(value, str):
        return str(value)
    raise outside(value, leaf.space, f"it is {type(value).__name__}, the space holds text", path=leaf.name)


def outside(value: object, space: Space[Any], problem: str, **metadata: object) -> OutOfSpaceError:
    """Make the error for a value that its space does not contain; `problem` is a clause that begins with "it"."""
    shown, text = show(value), describe_space(space)
    metadata = {name: known for name, known in metadata.items() if known != ""}
    where = f" at {metadata['path']}" if "path" in metadata else ""
    return OutOfSpaceError(
        "VALUE_OUT_OF_SPACE",
        f"The value {shown}{where} is not inside {text}: {problem}.",
        **{**metadata, "value": shown, "space": text},
    )


def show(value: object) -> str:
    """Write a value on one line, shortened, for messages."""
    try:
        text = " ".join((str(value) if isinstance(value, np.ndarray | np.generic) else repr(value)).split())
    except Exception:  # the author's own __repr__ must not hide what is wrong with the value
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
