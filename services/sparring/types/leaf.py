"""The leaves of a space: what is packed as one array each, in the order that the space itself has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text, Tuple
from numpy.typing import NDArray

from sparring.types.errors import InvalidArgumentError

ELEMENTARY = (Box, Discrete, MultiBinary, MultiDiscrete, Text)
KINDS = (*ELEMENTARY, Tuple, Dict)
PACKED_DTYPES = frozenset("?bBhHiIlLqQefd")

_INT64 = np.dtype("<i8")
_INT8 = np.dtype("<i1")


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One elementary space inside a declared one.

    Attributes:
        path: keys of Dicts and positions of Tuples from the declared space down; empty if that is elementary itself.
        space: a Box, Discrete, MultiBinary, MultiDiscrete or Text.
        dtype: of the packed array, little-endian; None for Text, which travels beside.
        shape: of one value; () for Discrete and Text.
    """

    path: tuple[str | int, ...]
    space: Space[Any]
    dtype: np.dtype[Any] | None
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """The path for people: `inner.2.position`; empty if the declared space is elementary itself."""
        return ".".join(map(str, self.path))

    @property
    def count(self) -> int:
        """How many numbers one value has; 0 for Text."""
        return 0 if self.dtype is None else int(np.prod(self.shape, dtype=np.int64))

    def bounds(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the lowest and highest values, both inside, as arrays of the packed dtype and shape. Not for Text."""
        low, high = _bounds(self.space)
        return low.astype(self.dtype), high.astype(self.dtype)


def kind_of(space: object) -> type[Space[Any]]:
    """Return which of gymnasium's classes a space is, also for an instance of a subclass.

    Raises:
        InvalidArgumentError: SPACE_UNKNOWN, if Sparring does not carry this kind (Graph, Sequence, OneOf, ...).
    """
    for kind in KINDS:
        if isinstance(space, kind):
            return kind
    name = type(space).__name__
    known = ", ".join(known.__name__ for known in KINDS)
    what = f"The space {name}" if isinstance(space, Space) else f"{name}, which is no space of gymnasium,"
    raise InvalidArgumentError("SPACE_UNKNOWN", f"{what} cannot be used here; use {known}, also nested.", kind=name)


def leaves(space: Space[Any]) -> list[Leaf]:
    """Flatten a space into its leaves, Tuple and Dict in the order that the space object itself has.

    Raises:
        InvalidArgumentError: SPACE_UNKNOWN for a kind or a Box dtype that is not carried, SPACE_KEY_INVALID for a key
            of a Dict that is no text, SPACE_TOO_LARGE for integers outside int64.
    """
    return list(_walk(space, ()))


def _walk(space: Space[Any], path: tuple[str | int, ...]) -> Iterator[Leaf]:
    kind_of(space)
    if isinstance(space, Dict):
        for key, inner in space.spaces.items():
            if not isinstance(key, str):
                raise InvalidArgumentError(
                    "SPACE_KEY_INVALID", f"The keys of a Dict space must be text; {key!r} is not.", key=key
                )
            yield from _walk(inner, (*path, key))
    elif isinstance(space, Tuple):
        for position, inner in enumerate(space.spaces):
            yield from _walk(inner, (*path, position))
    else:
        yield Leaf(path, space, _packed_dtype(space), () if isinstance(space, Text) else tuple(space.shape or ()))


def _packed_dtype(space: Space[Any]) -> np.dtype[Any] | None:
    """Return the little-endian dtype that a leaf is packed as."""
    if isinstance(space, Text):
        return None
    if isinstance(space, MultiBinary):
        return _INT8
    if isinstance(space, Box):
        if space.dtype.char not in PACKED_DTYPES:
            raise InvalidArgumentError(
                "SPACE_UNKNOWN",
                f"A Box of dtype {space.dtype} cannot be used; take bool, or integers or floats of at most 64 bits.",
                kind="Box",
                dtype=space.dtype,
            )
        return _INT8 if space.dtype == np.bool_ else space.dtype.newbyteorder("<")
    _refuse_beyond_int64(space)
    return _INT64


def _refuse_beyond_int64(space: Space[Any]) -> None:
    """Refuse a Discrete or MultiDiscrete with elements that int64 cannot hold."""
    low, high = _bounds(space)
    if low.size and (int(low.min()) < -(2**63) or int(high.max()) > 2**63 - 1):
        raise InvalidArgumentError("SPACE_TOO_LARGE", f"{space} has elements that 64 bits cannot hold.", space=space)


def _bounds(space: Space[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return lowest and highest values; integers as Python's, so that nothing overflows."""
    if isinstance(space, Box):
        return space.low, space.high
    if isinstance(space, MultiBinary):
        return np.zeros(space.shape, _INT8), np.ones(space.shape, _INT8)
    if isinstance(space, Discrete):
        low = np.array(int(space.start), dtype=object)
        return low, np.array(int(space.start) + int(space.n) - 1, dtype=object)
    if isinstance(space, MultiDiscrete):
        low = np.asarray(space.start).astype(object)
        # arithmetic of arrays without axes yields plain numbers
        return low, np.asarray(low + np.asarray(space.nvec).astype(object) - 1, dtype=object)
    raise TypeError(f"{space} has no bounds")
