"""Spaces in a canonical byte form: equal spaces, and only those, give equal bytes, on every machine."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple

from sparring.types.leaf import kind_of


def counted(data: bytes) -> bytes:
    """Return the bytes behind their length (uint64, little-endian)."""
    return struct.pack("<Q", len(data)) + data


def space_bytes(space: Space[Any]) -> bytes:
    """Write a space: its kind, then dtype, shape, every bit of its bounds, or what else its kind has.

    Nested ones follow in the space's own order. Text, names and arrays are preceded by their length; integers are
    int64; all is little-endian.

    Raises:
        InvalidArgumentError: SPACE_UNKNOWN, for a kind that is not carried.
    """
    kind = counted(kind_of(space).__name__.encode())
    if isinstance(space, Tuple):
        return kind + struct.pack("<Q", len(space.spaces)) + b"".join(map(space_bytes, space.spaces))
    if isinstance(space, Dict):
        entries = (counted(key.encode()) + space_bytes(inner) for key, inner in space.spaces.items())
        return kind + struct.pack("<Q", len(space.spaces)) + b"".join(entries)
    if isinstance(space, Text):
        characters = "".join(sorted(space.character_set))
        return kind + struct.pack("<qq", space.min_length, space.max_length) + counted(characters.encode())
    if isinstance(space, Discrete):
        return kind + _dtype(space) + struct.pack("<qq", int(space.n), int(space.start))
    if isinstance(space, MultiBinary):
        return kind + _shape(space)
    assert isinstance(space, Box | MultiDiscrete)
    bounds = (space.low, space.high) if isinstance(space, Box) else (space.nvec, space.start)
    return kind + _dtype(space) + _shape(space) + b"".join(counted(_array(bound)) for bound in bounds)


def _dtype(space: Space[Any]) -> bytes:
    """Write the dtype's name, which says nothing of the machine's byte order."""
    return counted(np.dtype(space.dtype).name.encode())


def _shape(space: Space[Any]) -> bytes:
    shape = space.shape or ()
    return counted(struct.pack(f"<{len(shape)}q", *shape))


def _array(array: np.ndarray[Any, Any]) -> bytes:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
