"""Arrow arrays made of numpy arrays and read back, buffer by buffer.

pyarrow's own conversions import pandas and its compute functions, which takes longer than sealing a small phase, and
turn integers with nulls into floats. Here not a bit is converted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


def number_array(kind: Any, values: NDArray[Any], missing: Bools | None) -> Any:
    """Make an array of numbers (or times, given as integers).

    Args:
        kind: Arrow's type, of the same width as the values.
        values: one dimension.
        missing: where it is null; None: nowhere.
    """
    native = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    return pa.Array.from_buffers(kind, len(native), [_validity(missing), pa.py_buffer(native)])


def list_array(kind: Any, values: NDArray[Any], missing: Bools | None) -> Any:
    """Make an array of lists of a fixed size; `values` is [rows, size]."""
    inner = number_array(kind.value_type, values.reshape(-1), None)
    return pa.FixedSizeListArray.from_buffers(kind, len(values), [_validity(missing)], children=[inner])


def bool_array(values: Bools, missing: Bools | None = None) -> Any:
    """Make an array of truth values."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [_validity(missing), _bits(values)])


def bytes_array(kind: Any, values: Sequence[bytes | None]) -> Any:
    """Make an array of bytes, or of texts given as UTF-8; None is null."""
    there = [b"" if value is None else value for value in values]
    offsets = np.zeros(len(there) + 1, np.int32)
    np.cumsum([len(value) for value in there], out=offsets[1:])
    missing = np.fromiter((value is None for value in values), np.bool_, len(there))
    buffers = [_validity(missing), pa.py_buffer(offsets), pa.py_buffer(b"".join(there))]
    return pa.Array.from_buffers(kind, len(there), buffers)


def read_missing(array: Any) -> Bools:
    """Return where an array is null."""
    validity = array.buffers()[0]
    if validity is None:
        return np.zeros(len(array), np.bool_)
    return ~_read_bits(validity, array.offset, len(array))


def read_numbers(array: Any, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
    """Return numbers as they were, [rows, count]; zero where the array is null.

    Args:
        array: of numbers, or of lists of `count` numbers.
        dtype: of the numbers.
        count: numbers of one row.
    """
    start, inner = array.offset, array
    if pa.types.is_fixed_size_list(array.type):
        start, inner = start * count + array.values.offset, array.values
    data = inner.buffers()[1]
    if data is None or not len(array):
        return np.zeros((len(array), count), dtype)
    flat: NDArray[Any] = np.frombuffer(data, dtype.newbyteorder("="), len(array) * count, start * dtype.itemsize)
    numbers = flat.reshape(len(array), count)
    missing = read_missing(array)
    if missing.any():
        numbers = numbers.copy()
        numbers[missing] = 0
    return numbers


def read_bools(array: Any) -> Bools:
    """Return truth values; False where the array is null."""
    return _read_bits(array.buffers()[1], array.offset, len(array)) & ~read_missing(array)


def _validity(missing: Bools | None) -> Any:
    return None if missing is None or not missing.any() else _bits(~missing)


def _bits(values: Bools) -> Any:
    return pa.py_buffer(np.packbits(values, bitorder="little"))


def _read_bits(buffer: Any, offset: int, count: int) -> Bools:
    if buffer is None:
        return np.zeros(count, np.bool_)
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little", count=offset + count)
    return bits[offset:].view(np.bool_)
