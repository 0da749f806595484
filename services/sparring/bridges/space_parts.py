"""A space of another library taken apart into sensors or actuators with names, and values along with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space, Text
from numpy.typing import NDArray

from sparring.types.conversion import assemble, split
from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.leaf import Leaf, leaves

ONLY = "0"
"""Name of the only sensor or actuator of a space that has no names in it, as palaestrAI calls it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A sensor or actuator: a leaf of the space, or one element of it."""

    leaf: int
    element: tuple[int, ...] | None
    declaration: Declaration


class SpaceParts:
    """How values of a space are taken apart and put together.

    Dict and Tuple are flattened: a part per elementary space in them, named by the keys and positions that lead to it
    (`arm.joint`, `camera.0`). A space without either is the single part `0`.

    Args:
        space: The space.
        per_element: Make every element of a vector (Box, MultiDiscrete, MultiBinary) a part of its own, named by its
            position behind the name of the vector.
        names: Names of the parts instead, in order.

    Attributes:
        declarations: Of the parts, in order.

    Raises:
        InvalidArgumentError: SPACE_UNKNOWN, SPACE_TOO_LARGE; SPACE_KEY_INVALID, two parts would have the same name, or
            one none; PARAMETERS_INVALID, more or fewer names than parts.
    """

    def __init__(self, space: Space[Any], per_element: bool = False, names: Sequence[str] | None = None) -> None:
        self._space = space
        self._leaves = leaves(space)
        self._whole = not self._leaves[0].path if self._leaves else False
        self._parts = list(self._divided(per_element))
        if names is not None:
            self._parts = _renamed(self._parts, names)
        self.declarations = tuple(part.declaration for part in self._parts)
        _require_names([part.declaration.uid for part in self._parts])
        self._plain = self._whole and len(self._parts) == 1 and self._parts[0].element is None

    def take_apart(self, value: Any) -> list[Any]:
        """Return the values of the parts.

        Raises:
            OutOfSpaceError: The value's tuples or dicts are not those of the space.
        """
        if self._plain:
            return [value]
        inner = [value] if self._whole else split(self._space, value)
        return [inner[part.leaf] if part.element is None else _element(inner, part) for part in self._parts]

    def put_together(self, values: Sequence[Any]) -> Any:
        """Return the value of the space, as `space.sample()` would give it."""
        if self._plain:
            return values[0]
        arrays: list[Any] = [None] * len(self._leaves)
        for part, value in zip(self._parts, values, strict=True):
            if part.element is None:
                arrays[part.leaf] = value
                continue
            if arrays[part.leaf] is None:
                leaf = self._leaves[part.leaf]
                arrays[part.leaf] = np.zeros(leaf.shape, leaf.space.dtype)
            arrays[part.leaf][part.element] = value
        for number, leaf in enumerate(self._leaves):
            if arrays[number] is None:  # a vector without elements
                arrays[number] = np.zeros(leaf.shape, leaf.space.dtype)
        return assemble(self._space, iter(arrays))

    def _divided(self, per_element: bool) -> Iterator[_Part]:
        for number, leaf in enumerate(self._leaves):
            if not per_element or isinstance(leaf.space, Discrete | Text):
                yield _Part(number, None, Declaration(leaf.name or ONLY, leaf.space))
                continue
            for element in np.ndindex(leaf.shape):
                uid = ".".join(map(str, (*leaf.path, *element))) or ONLY
                yield _Part(number, element, Declaration(uid, _element_space(leaf, element)))


class Clip:
    """Moves observations that have left their declared bounds back to them; anything else stays as it is.

    Args:
        space: The declared space.
    """

    def __init__(self, space: Space[Any]) -> None:
        self._low: NDArray[Any] | None = None
        if isinstance(space, Box) and space.dtype.kind == "f" and np.isfinite([space.low, space.high]).any():
            self._low, self._high = space.low, space.high

    def __call__(self, value: Any) -> Any:
        """Return the value inside its bounds; NaN stays NaN."""
        if self._low is None:
            return value
        return np.minimum(np.maximum(value, self._low), self._high)


def nearest_to_zero(space: Space[Any]) -> Any:
    """Return the value of a space that is nearest to zero; the shortest text."""
    return assemble(space, iter([_nearest_to_zero(leaf) for leaf in leaves(space)]))


def _nearest_to_zero(leaf: Leaf) -> Any:
    if isinstance(leaf.space, Text):
        return leaf.space.character_list[0] * leaf.space.min_length
    low, high = leaf.bounds()
    value = np.clip(np.zeros(leaf.shape, leaf.dtype), low, high)
    return int(value) if isinstance(leaf.space, Discrete) else value.astype(leaf.space.dtype)


def _element(inner: Sequence[Any], part: _Part) -> Any:
    return np.asarray(inner[part.leaf])[part.element]


def _element_space(leaf: Leaf, element: tuple[int, ...]) -> Space[Any]:
    space = leaf.space
    if isinstance(space, MultiDiscrete):
        return Discrete(space.nvec[element], start=space.start[element])
    if isinstance(space, MultiBinary):
        return Discrete(2)
    assert isinstance(space, Box)
    dtype: Any = space.dtype
    return Box(space.low[element], space.high[element], (), dtype)


def _renamed(parts: Sequence[_Part], names: Sequence[str]) -> list[_Part]:
    if len(names) != len(parts):
        known = ", ".join(part.declaration.uid for part in parts)
        raise InvalidArgumentError(
            "PARAMETERS_INVALID", f"{len(names)} names are given for {len(parts)} parts of the space: {known}."
        )
    return [
        _Part(part.leaf, part.element, Declaration(str(name), part.declaration.space))
        for part, name in zip(parts, names, strict=True)
    ]


def _require_names(names: Sequence[str]) -> None:
    for name in names:
        if not name or names.count(name) > 1:
            problem = "is named twice" if name else "has an empty name"
            raise InvalidArgumentError(
                "SPACE_KEY_INVALID", f"A part of the space {problem}: {name!r}; give names of your own.", key=name
            )
