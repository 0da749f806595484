"""Values that stand in for readings and setpoints before there are any: as near to zero as the space allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from gymnasium.spaces import Discrete, Space, Text

from sparring.types.conversion import assemble
from sparring.types.declaration import Declaration
from sparring.types.leaf import leaves

Information = TypeVar("Information")


def resting_value(space: Space[Any]) -> Any:
    """Return the value of a space that is nearest to zero."""
    parts: list[Any] = []
    for leaf in leaves(space):
        if isinstance(leaf.space, Text):
            parts.append(leaf.space.character_list[0] * leaf.space.min_length)
            continue
        low, high = leaf.bounds()
        value = np.clip(np.zeros(leaf.shape, leaf.dtype), low, high)
        parts.append(int(value) if isinstance(leaf.space, Discrete) else value.astype(leaf.space.dtype))
    return assemble(space, iter(parts))


def resting_values(kind: type[Information], declarations: Sequence[Declaration]) -> list[Information]:
    """Return information objects of a kind, with such values."""
    make: Any = kind
    return [make(resting_value(each.space), each.space, each.uid) for each in declarations]
