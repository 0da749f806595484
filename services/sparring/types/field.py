"""One declared field of a layout: where its bytes are, and how values of authors become them and back."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete, Space, Text
from numpy.typing import NDArray

from sparring.types.conversion import assemble, coerce, coerce_text, outside, split
from sparring.types.errors import OutOfSpaceError
from sparring.types.leaf import Leaf, leaves

_INT64 = struct.Struct("<q")
_Reader = Callable[[bytearray, tuple[str, ...], int], object]


@dataclass(frozen=True, slots=True, eq=False)
class PackedLeaf:
    """A leaf and its place: an array [K, *shape] from `offset` on, or K texts from index `text` on.

    Attributes:
        leaf: what it is.
        field: index of the declared field that it belongs to.
        offset: first byte in the packed data, a multiple of 8; for Text the place where it would be.
        nbytes: bytes of the array, without the padding behind it; 0 for Text.
        text: index of its first text; -1 if it is no Text.
    """

    leaf: Leaf
    field: int
    offset: int
    nbytes: int
    text: int

    @property
    def stop(self) -> int:
        """First byte behind the array and its padding."""
        return self.offset + self.nbytes + -self.nbytes % 8


class Field:
    """A declared field, placed; made by the Layout.

    Attributes:
        index: its number among the declared fields.
        space: its declared space.
        leaves: its leaves with their places.
        offset: first byte of its segment.
        nbytes: bytes of its segment, padding included.
        text_start: index of its first text.
        text_count: number of its texts, all lanes together.
        plain: whether it is a single leaf of numbers.
    """

    __slots__ = (
        "_lanes",
        "_readers",
        "encode",
        "index",
        "leaves",
        "nbytes",
        "offset",
        "plain",
        "read",
        "space",
        "text_count",
        "text_start",
    )

    def __init__(self, index: int, space: Space[Any], lanes: int, offset: int, text_start: int) -> None:
        self.index = index
        self.space = space
        self.offset = offset
        self.text_start = text_start
        self._lanes = lanes
        placed = []
        for leaf in leaves(space):
            nbytes = 0 if leaf.dtype is None else lanes * leaf.count * leaf.dtype.itemsize
            placed.append(PackedLeaf(leaf, index, offset, nbytes, text_start if leaf.dtype is None else -1))
            offset = placed[-1].stop
            text_start += lanes if leaf.dtype is None else 0
        self.leaves = tuple(placed)
        self.nbytes = offset - self.offset
        self.text_count = text_start - self.text_start
        self.plain = not self.text_count and len(placed) == 1 and not placed[0].leaf.path
        self._readers = tuple(_reader(packed) for packed in placed)
        self.read: _Reader = self._readers[0] if len(placed) == 1 and not placed[0].leaf.path else self._read_all
        self.encode: Callable[[object], bytes] = self._direct_encoder() if self.plain else self._encode_one

    def _direct_encoder(self) -> Callable[[object], bytes]:
        """Return the encoder of one value for a field of one leaf of numbers: what is right already is only copied."""
        leaf, convert, pack = self.leaves[0].leaf, self._encode_one, _INT64.pack
        if isinstance(leaf.space, Discrete):

            def encode_integer(value: object) -> bytes:
                try:
                    return pack(value)
                except (struct.error, TypeError):
                    return convert(value)

            return encode_integer
        shape, padding = leaf.shape, bytes(-self.leaves[0].nbytes % 8)
        dtype = leaf.space.dtype if leaf.space.dtype == np.bool_ else leaf.dtype

        def encode_array(value: object) -> bytes:
            if type(value) is np.ndarray and value.dtype == dtype and value.shape == shape:
                return value.tobytes() + padding if padding else value.tobytes()
            return convert(value)

        return encode_array

    def _encode_one(self, value: object) -> bytes:
        """Encode the value of the only lane, not absent; its texts are left out."""
        return self.encode_lanes([value])[0]

    def encode_lanes(self, value: object) -> tuple[bytes, int, list[str]]:
        """Encode one value per lane.

        Args:
            value: a sequence of one value per lane, None where it is absent; a field of numbers takes an array
                [K, *shape] as well.

        Returns:
            The segment's bytes, one presence bit per lane, the texts.

        Raises:
            OutOfSpaceError: wrong shape or kind; metadata `field` is this field's index.
        """
        try:
            if self.plain and isinstance(value, np.ndarray):
                array = coerce(self.leaves[0].leaf, value, (self._lanes, *self.leaves[0].leaf.shape))
                return _padded(array), (1 << self._lanes) - 1, []
            return self._encode_rows(self._rows(value))
        except OutOfSpaceError as wrong:
            raise wrong.with_values(field=self.index) from wrong.__cause__

    def _rows(self, value: object) -> list[list[object] | None]:
        """Return the leaves' values lane by lane."""
        if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str) or len(value) != self._lanes:
            raise outside(value, self.space, f"it must be a sequence of one value for each of {self._lanes} lanes")
        return [None if lane is None else split(self.space, lane) for lane in value]

    def _encode_rows(self, rows: list[list[object] | None]) -> tuple[bytes, int, list[str]]:
        arrays: list[bytes] = []
        texts: list[str] = []
        for number, packed in enumerate(self.leaves):
            leaf = packed.leaf
            if leaf.dtype is None:
                texts += ["" if row is None else coerce_text(leaf, row[number]) for row in rows]
                continue
            array = np.zeros((self._lanes, *leaf.shape), leaf.dtype)
            for lane, row in enumerate(rows):
                if row is not None:
                    array[lane] = coerce(leaf, row[number])
            arrays.append(_padded(array))
        return b"".join(arrays), sum(1 << lane for lane, row in enumerate(rows) if row is not None), texts

    def _read_all(self, buffer: bytearray, texts: tuple[str, ...], lane: int) -> object:
        """Read one lane's value of a nested space."""
        return assemble(self.space, iter([read(buffer, texts, lane) for read in self._readers]))

    def read_lanes(self, buffer: bytearray, texts: tuple[str, ...], bits: int) -> object:
        """Read the values of all lanes.

        Returns:
            None if all are absent; an array [K, *shape] if it is a field of numbers and all are present; else a list of
            one value per lane, None where it is absent.
        """
        if not bits:
            return None
        if self.plain and bits == (1 << self._lanes) - 1:
            return _array(self.leaves[0], (self._lanes, *self.leaves[0].leaf.shape), buffer, 0)
        return [self.read(buffer, texts, lane) if bits >> lane & 1 else None for lane in range(self._lanes)]


def _padded(array: NDArray[Any]) -> bytes:
    data = array.tobytes()
    return data + bytes(-len(data) % 8)


def _array(packed: PackedLeaf, shape: tuple[int, ...], buffer: bytearray, skip: int) -> NDArray[Any]:
    """Return numbers of a leaf in the dtype of its space, as a view of the buffer where the dtype allows."""
    array: NDArray[Any] = np.ndarray(shape, packed.leaf.dtype, buffer, packed.offset + skip)
    dtype = packed.leaf.space.dtype
    return array if array.dtype == dtype else array.astype(dtype)


def _reader(packed: PackedLeaf) -> _Reader:
    """Return how one lane's value of a leaf is read: as `space.sample()` would make it."""
    leaf, offset, shape, dtype = packed.leaf, packed.offset, packed.leaf.shape, packed.leaf.dtype
    if isinstance(leaf.space, Text):
        return lambda _buffer, texts, lane: texts[packed.text + lane]
    assert dtype is not None
    step = leaf.count * dtype.itemsize
    if isinstance(leaf.space, Discrete):
        scalar, unpack_from = leaf.space.dtype.type, _INT64.unpack_from
        return lambda buffer, _texts, lane: scalar(unpack_from(buffer, offset + lane * 8)[0])
    if leaf.space.dtype == dtype:
        return lambda buffer, _texts, lane: np.ndarray(shape, dtype, buffer, offset + lane * step)
    return lambda buffer, _texts, lane: _array(packed, shape, buffer, lane * step)
