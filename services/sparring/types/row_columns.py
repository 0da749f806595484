"""Many rows of a record seen by column: numpy arrays on the very bytes of the rows, to read them or to write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparring.types.layout import Layout


class Part(Protocol):
    """The place of readings, setpoints or rewards in a row; see `record.PartLayout`."""

    @property
    def layout(self) -> Layout:
        """Of the packed values."""

    @property
    def offset(self) -> int:
        """First byte of the values."""

    @property
    def present_offset(self) -> int:
        """First byte of their presence."""

    @property
    def present_bytes(self) -> int:
        """Bytes of presence, padding included."""


@dataclass(frozen=True, slots=True, eq=False)
class PartColumns:
    """Readings, setpoints or rewards of one environment in many rows.

    Attributes:
        layout: of one row's values.
        arrays: one for each of `layout.arrays`, [rows, *shape].
        present_bits: presence as it is stored, uint8 [rows, bytes].
    """

    layout: Layout
    arrays: tuple[NDArray[Any], ...]
    present_bits: NDArray[np.uint8]

    def present(self) -> NDArray[np.bool_]:
        """Return which fields are present, bool [rows, fields]; a copy."""
        bits = np.unpackbits(self.present_bits, axis=1, bitorder="little", count=self.layout.bit_count)
        return bits.view(np.bool_)

    def set_present(self, present: NDArray[np.bool_]) -> None:
        """Write which fields are present, bool [rows, fields]."""
        packed = np.packbits(present, axis=1, bitorder="little")
        self.present_bits[:, : packed.shape[1]] = packed


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentColumns:
    """One environment in many rows.

    Attributes:
        parts: readings, setpoints, rewards.
        ticks: int64 [rows]; 0 where `has_ticks` is 0.
        timestamps_ns: int64 [rows]; 0 where `has_timestamp` is 0.
        terminated: uint8 [rows], as are the flags below.
        truncated: cut short.
        updated: 1 where the environment was due.
        has_ticks: whether there are ticks.
        has_timestamp: whether there is a timestamp.
    """

    parts: tuple[PartColumns, PartColumns, PartColumns]
    ticks: NDArray[np.int64]
    timestamps_ns: NDArray[np.int64]
    terminated: NDArray[np.uint8]
    truncated: NDArray[np.uint8]
    updated: NDArray[np.uint8]
    has_ticks: NDArray[np.uint8]
    has_timestamp: NDArray[np.uint8]


def columns_of(
    parts: Sequence[Part], end_offset: int, rows: bytes | bytearray | memoryview, count: int, size: int
) -> EnvironmentColumns:
    """Return one environment's columns of `count` rows of `size` bytes each."""
    sensors, actuators, rewards = (_part_columns(part, rows, count, size) for part in parts)

    def end(dtype: str, offset: int) -> NDArray[Any]:
        return np.ndarray((count,), dtype, rows, end_offset + offset, (size,)) if count else np.zeros(0, dtype)

    return EnvironmentColumns(
        (sensors, actuators, rewards), end("<i8", 0), end("<i8", 8), *(end("u1", 16 + flag) for flag in range(5))
    )


def _part_columns(part: Part, rows: bytes | bytearray | memoryview, count: int, size: int) -> PartColumns:
    arrays = []
    for packed in part.layout.arrays:
        dtype, shape = packed.leaf.dtype, packed.leaf.shape
        assert dtype is not None
        inner = np.ndarray(shape, dtype, bytes(packed.nbytes)).strides
        if count and packed.nbytes:
            offset = part.offset + packed.offset
            arrays.append(np.ndarray((count, *shape), dtype, rows, offset, (size, *inner)))
        else:
            arrays.append(np.zeros((count, *shape), dtype))
    if count and part.present_bytes:
        bits = np.ndarray((count, part.present_bytes), np.uint8, rows, part.present_offset, (size, 1))
    else:
        bits = np.zeros((count, part.present_bytes), np.uint8)
    return PartColumns(part.layout, tuple(arrays), bits)
