"""Values of K lanes taken apart into values of one lane each, and put together again, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Space

from sparring.types.layout import Layout
from sparring.types.values import Values, present_bits, present_bytes


class LaneWeaver:
    """Converts between values of K lanes and K values of one lane, of the same declared fields.

    Args:
        spaces: The declared spaces.
        lanes: K.

    Attributes:
        one: Layout of one lane.
        all: Layout of K lanes; `one` itself if K is 1.
    """

    def __init__(self, spaces: Sequence[Space[Any]], lanes: int) -> None:
        self.one = Layout(spaces)
        self.all = self.one if lanes == 1 else Layout(spaces, lanes)
        self._lanes = lanes
        self._leaves = list(zip(self.one.leaves, self.all.leaves, strict=True))
        self._mask = sum(1 << field * lanes for field in range(len(self.one.fields)))

    def part(self, values: Values, lane: int) -> Values:
        """Return the values of one lane."""
        if self._lanes == 1:
            return values
        parts: list[bytes] = []
        texts: list[str] = []
        for one, every in self._leaves:
            if one.text >= 0:
                texts.append(values.texts[every.text + lane])
            else:
                start = every.offset + lane * one.nbytes
                parts.append(values.data[start : start + one.nbytes])
                parts.append(bytes(one.stop - one.offset - one.nbytes))
        present = b"" if not values.present else self._part_of_presence(values.present, lane)
        return Values(b"".join(parts), present, tuple(texts))

    def split(self, values: Values) -> list[Values]:
        """Return the values of all lanes."""
        return [self.part(values, lane) for lane in range(self._lanes)]

    def join(self, parts: Sequence[Values | None]) -> Values:
        """Put K values of one lane together; None is a lane in which nothing is present."""
        if self._lanes == 1:
            return self.one.absent if parts[0] is None else parts[0]
        known = [self.one.absent if part is None else part for part in parts]
        stacked = np.frombuffer(b"".join([part.data for part in known]), np.uint8).reshape(self._lanes, self.one.size)
        data = np.zeros(self.all.size, np.uint8)
        texts: list[str] = []
        for one, every in self._leaves:
            if one.text >= 0:
                texts += [part.texts[one.text] for part in known]
            elif one.nbytes:
                inside = data[every.offset : every.offset + every.nbytes].reshape(self._lanes, one.nbytes)
                inside[:] = stacked[:, one.offset : one.offset + one.nbytes]
        return Values(data.tobytes(), self._presence(known), tuple(texts))

    def _part_of_presence(self, present: bytes, lane: int) -> bytes:
        bits = int.from_bytes(present, "little") >> lane
        fields = range(len(self.one.fields))
        found = sum((bits >> field * self._lanes & 1) << field for field in fields)
        return present_bytes(found, self.one.bit_count)

    def _presence(self, parts: Sequence[Values]) -> bytes:
        if not any(part.present for part in parts):
            return b""
        count, bits = self.one.bit_count, 0
        for lane, part in enumerate(parts):
            own = present_bits(part.present, count)
            if own == (1 << count) - 1:
                bits |= self._mask << lane
            else:
                bits |= sum((own >> field & 1) << (field * self._lanes + lane) for field in range(count))
        return present_bytes(bits, self.all.bit_count)
