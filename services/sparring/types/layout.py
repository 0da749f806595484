"""The layout of a list of declared fields: prepared once, it packs, unpacks and checks the values of every step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from gymnasium.spaces import Space
from numpy.typing import NDArray

from sparring.types.containment import Containment, Violation
from sparring.types.conversion import cast
from sparring.types.errors import InvalidArgumentError
from sparring.types.field import Field, PackedLeaf
from sparring.types.scalars import Scalars
from sparring.types.values import Values, present_bits, present_bytes


class Layout:
    """Where the values of declared fields lie in packed bytes, for K lanes.

    Per field, in order, each leaf of its space is an array [K, *shape], C order, little-endian, at a multiple of 8,
    zero padded, the last one too: so a field's segment can be cut out and joined to others. Tuple and Dict are
    flattened in their own order. Text leaves have no bytes; they travel in `Values.texts`.

    Attributes:
        spaces: the declared spaces.
        lanes: K.
        fields: one per declared space.
        leaves: all leaves, in order, with their places.
        arrays: the leaves that are packed: all but Text.
        size: bytes of the packed data.
        text_count: texts of one step, all lanes together.
        bit_count: presence bits: fields x K.
        full_present: all presence bits set, as bytes. `Values.present` never is this: there empty means the same.

    Raises:
        InvalidArgumentError: a space that is not carried (see `leaves`), or LANES_INVALID for less than one lane.
    """

    def __init__(self, spaces: Sequence[Space[Any]], lanes: int = 1) -> None:
        if lanes < 1:
            raise InvalidArgumentError("LANES_INVALID", f"A layout has at least one lane, not {lanes}.", lanes=lanes)
        self.spaces = tuple(spaces)
        self.lanes = lanes
        self.size = self.text_count = 0
        fields = []
        for index, space in enumerate(self.spaces):
            field = Field(index, space, lanes, self.size, self.text_count)
            fields.append(field)
            self.size += field.nbytes
            self.text_count += field.text_count
        self.fields = tuple(fields)
        self.leaves: tuple[PackedLeaf, ...] = tuple(packed for field in fields for packed in field.leaves)
        self.arrays = tuple(packed for packed in self.leaves if packed.leaf.dtype is not None)
        self.bit_count = len(fields) * lanes
        self.full_present = ((1 << self.bit_count) - 1).to_bytes((self.bit_count + 7) // 8, "little")
        self._views = [((lanes, *packed.leaf.shape), packed.leaf.dtype, packed.offset) for packed in self.arrays]
        self._direct = lanes == 1 and not self.text_count
        self._scalars = Scalars.of(fields) if self._direct else None

    def segment(self, field: int) -> slice:
        """Return where a field's bytes lie in the packed data."""
        found = self.fields[field]
        return slice(found.offset, found.offset + found.nbytes)

    @cached_property
    def absent(self) -> Values:
        """The values with nothing present."""
        return Values(bytes(self.size), present_bytes(0, self.bit_count), ("",) * self.text_count)

    def pack(self, values: Sequence[object | None]) -> Values:
        """Pack the values of authors, one per field; None is absent.

        With K = 1 a value is as `space.sample()` gives it, or anything that converts without changing its meaning. With
        more lanes it is a sequence of K such values, None where a lane has none; a field of numbers takes an array
        [K, *shape] as well. Bounds are not checked: `check` does.

        Raises:
            OutOfSpaceError: VALUE_OUT_OF_SPACE, for a wrong shape or kind; metadata `field` is the field's index.
            InvalidArgumentError: FIELDS_MISCOUNTED, for more or fewer values than fields.
        """
        if len(values) != len(self.fields):
            raise self._miscounted(len(values), len(self.fields), "values")
        if not self._direct:
            return self._pack_lanes(values)
        if self._scalars is not None and (data := self._scalars.pack(values)) is not None:
            return Values(data)
        parts: list[bytes] = []
        absent = 0
        for field, value in zip(self.fields, values, strict=True):
            if value is None:
                parts.append(bytes(field.nbytes))
                absent |= 1 << field.index
            else:
                parts.append(field.encode(value))
        if absent:
            return Values(b"".join(parts), present_bytes(~absent & ((1 << self.bit_count) - 1), self.bit_count))
        return Values(b"".join(parts))

    def _pack_lanes(self, values: Sequence[object | None]) -> Values:
        parts: list[bytes] = []
        texts: list[str] = []
        bits = 0
        for field, value in zip(self.fields, values, strict=True):
            if value is None:
                parts.append(bytes(field.nbytes))
                texts += [""] * field.text_count
                continue
            data, lanes, written = field.encode_lanes([value] if self.lanes == 1 else value)
            parts.append(data)
            texts += written
            bits |= lanes << field.index * self.lanes
        return Values(b"".join(parts), present_bytes(bits, self.bit_count), tuple(texts))

    def pack_arrays(self, arrays: Sequence[NDArray[Any]], texts: tuple[str, ...] = ()) -> Values:
        """Pack arrays that are right already, one for each of `arrays`, [K, *shape] or (K = 1) of its shape.

        All are present. Only counts are checked; dtypes that differ are cast where no meaning is lost. The inverse of
        `views`.

        Raises:
            InvalidArgumentError: ARRAYS_INVALID, or FIELDS_MISCOUNTED.
        """
        if len(arrays) != len(self.arrays) or len(texts) != self.text_count:
            raise self._miscounted(len(arrays) + len(texts), len(self.arrays) + self.text_count, "arrays and texts")
        parts: list[bytes] = []
        for packed, array in zip(self.arrays, arrays, strict=True):
            dtype = packed.leaf.dtype
            assert dtype is not None
            try:
                data = (array if array.dtype == dtype else cast(array, dtype)).tobytes()
            except ValueError as wrong:
                raise self._misfit(packed, array, str(wrong)) from None
            if len(data) != packed.nbytes:
                raise self._misfit(packed, array, f"its shape is {array.shape}")
            parts.append(data if len(data) % 8 == 0 else data + bytes(-len(data) % 8))
        return Values(b"".join(parts), b"", texts)

    def unpack(self, values: Values) -> list[object | None]:
        """Return the values for authors, one per field, None where it is absent; theirs to keep and to change.

        Values of another side must have passed `accept` and `check`: a Discrete of int8 cannot hold every int64.
        With K = 1 each is as `space.sample()` gives it. With more lanes a field of numbers is an array [K, *shape] if
        all lanes are present; other fields, and those with absent lanes, are lists of K values.
        """
        data, present, texts = values
        if len(data) != self.size:
            raise self._wrong_size(len(data))
        buffer = bytearray(data)
        if self.lanes > 1:
            bits, mask = present_bits(present, self.bit_count), (1 << self.lanes) - 1
            return [f.read_lanes(buffer, texts, bits >> f.index * self.lanes & mask) for f in self.fields]
        if not present:
            return [field.read(buffer, texts, 0) for field in self.fields]
        bits = present_bits(present, self.bit_count)
        return [field.read(buffer, texts, 0) if bits >> field.index & 1 else None for field in self.fields]

    def views(self, data: bytes) -> list[NDArray[Any]]:
        """Return the packed leaves as arrays [K, *shape] on the very bytes, read-only; one for each of `arrays`."""
        if len(data) != self.size:
            raise self._wrong_size(len(data))
        return [np.ndarray(shape, dtype, data, offset) for shape, dtype, offset in self._views]

    def check(self, values: Values) -> Violation | None:
        """Return the first present value (by field, then lane) that is outside its space, or None."""
        if len(values.data) != self.size:
            raise self._wrong_size(len(values.data))
        return self._containment.check(values)

    @cached_property
    def _containment(self) -> Containment:
        return Containment(self.leaves, self.lanes, len(self.fields))

    def accept(self, values: Values) -> Values:
        """Return values of another side in the one form that the same content has here, or refuse them.

        Raises:
            InvalidArgumentError: PACKED_INVALID, for a wrong count of bytes, presence bits or texts, or for padding or
                absent values that are not zero.
        """
        data, present, texts = values
        if len(data) != self.size:
            raise self._wrong_size(len(data))
        if len(texts) != self.text_count:
            raise _invalid(f"there are {len(texts)} texts, the declared fields take {self.text_count}")
        if self._padding.size and np.frombuffer(data, np.uint8)[self._padding].any():
            raise _invalid("padding bytes are not zero")
        if not present:
            return values
        if len(present) != len(self.full_present) or int.from_bytes(present, "little") >> self.bit_count:
            raise _invalid(f"there are {len(present)} bytes of presence, for {self.bit_count} fields and lanes")
        if present == self.full_present:
            return Values(data, b"", texts)
        for packed in self.leaves:
            step = packed.nbytes // self.lanes
            for lane in range(self.lanes):
                start = packed.offset + lane * step
                empty = not texts[packed.text + lane] if packed.text >= 0 else not any(data[start : start + step])
                if not empty and not self.is_present(values, packed.field, lane):
                    raise _invalid(f"field {packed.field} is absent in lane {lane}, yet its value is not zero")
        return values

    @cached_property
    def _padding(self) -> NDArray[np.intp]:
        gaps = [np.arange(packed.offset + packed.nbytes, packed.stop) for packed in self.arrays]
        return np.concatenate(gaps) if gaps else np.zeros(0, np.intp)

    def is_present(self, values: Values, field: int, lane: int = 0) -> bool:
        """Tell whether a field has a value in a lane."""
        bit = field * self.lanes + lane
        return not values.present or bool(values.present[bit >> 3] >> (bit & 7) & 1)

    def _wrong_size(self, found: int) -> InvalidArgumentError:
        return _invalid(f"there are {found} bytes, the declared fields take {self.size}")

    def _miscounted(self, found: int, expected: int, what: str) -> InvalidArgumentError:
        return InvalidArgumentError(
            "FIELDS_MISCOUNTED", f"Got {found} {what}, expected {expected}.", found=found, expected=expected
        )

    def _misfit(self, packed: PackedLeaf, array: NDArray[Any], problem: str) -> InvalidArgumentError:
        shape = (self.lanes, *packed.leaf.shape)
        return InvalidArgumentError(
            "ARRAYS_INVALID",
            f"The array of field {packed.field} does not fit {packed.leaf.dtype} {shape}: {problem}.",
            field=packed.field,
            dtype=array.dtype,
        )


def _invalid(problem: str) -> InvalidArgumentError:
    return InvalidArgumentError("PACKED_INVALID", f"The packed values do not follow the declared fields: {problem}.")
