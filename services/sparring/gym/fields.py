"""Declared fields as one space of gymnasium: a single field is its own space, several are a Dict by uid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.spaces import Space

from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.values import Values


class Fields:
    """Sensors or actuators of an environment.

    Attributes:
        space: What gymnasium sees.
        uids: Of the fields, in order.
        layout: Of one lane.
    """

    def __init__(self, declarations: Sequence[Declaration]) -> None:
        self.uids = [declaration.uid for declaration in declarations]
        self.layout = Layout([declaration.space for declaration in declarations])
        self._single = len(declarations) == 1
        pairs = [(declaration.uid, declaration.space) for declaration in declarations]
        self.space: Space[Any] = declarations[0].space if self._single else spaces.Dict(pairs)

    def pack(self, value: Any) -> Values:
        """Pack a value of the space; a Dict may leave fields out, which are absent then.

        Raises:
            OutOfSpaceError: VALUE_OUT_OF_SPACE, a wrong shape or kind.
            InvalidArgumentError: ACTUATOR_UNKNOWN, FIELDS_MISCOUNTED.
        """
        if self._single:
            return self.layout.pack([value])
        if not isinstance(value, Mapping):
            raise InvalidArgumentError(
                "FIELDS_MISCOUNTED",
                f"An action is a dict with {', '.join(map(repr, self.uids))}, not {type(value).__name__}.",
            )
        unknown = [uid for uid in value if uid not in self.uids]
        if unknown:
            raise InvalidArgumentError(
                "ACTUATOR_UNKNOWN", f"There is no actuator {unknown[0]!r}, only {', '.join(map(repr, self.uids))}."
            )
        return self.layout.pack([value.get(uid) for uid in self.uids])

    def unpack(self, values: Values) -> Any:
        """Return the value of the space, theirs to keep and to change; all fields must be present."""
        found = self.layout.unpack(values)
        return found[0] if self._single else dict(zip(self.uids, found, strict=True))

    def filled(self, values: Values, before: Values) -> tuple[Values, tuple[str, ...]]:
        """Fill absent fields with what was before; return their uids as well.

        Raises:
            InvalidArgumentError: PACKED_INVALID.
        """
        values = self.layout.accept(values)
        absent = [field for field in self.layout.fields if not self.layout.is_present(values, field.index)]
        if not absent:
            return values, ()
        data, texts = bytearray(values.data), list(values.texts)
        for field in absent:
            place = self.layout.segment(field.index)
            data[place] = before.data[place]
            place = slice(field.text_start, field.text_start + field.text_count)
            texts[place] = before.texts[place]
        return Values(bytes(data), b"", tuple(texts)), tuple(self.uids[field.index] for field in absent)

    def resting(self) -> Values:
        """Return values for what has not been reported yet: nearest to zero."""
        return self.layout.pack([_resting(space) for space in self.layout.spaces])


def _resting(space: Space[Any]) -> Any:
    if isinstance(space, spaces.Dict):
        return {key: _resting(inner) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_resting(inner) for inner in space.spaces)
    if isinstance(space, spaces.Box):
        return np.clip(np.zeros(space.shape, space.dtype), space.low, space.high).astype(space.dtype)
    if isinstance(space, spaces.Discrete):
        return space.dtype.type(np.clip(0, space.start, space.start + space.n - 1))
    if isinstance(space, spaces.MultiDiscrete):
        return np.clip(np.zeros_like(space.nvec), space.start, space.start + space.nvec - 1).astype(space.dtype)
    if isinstance(space, spaces.Text):
        return space.character_list[0] * space.min_length
    return np.zeros(space.shape or (), np.int8)
