"""Packed values of many rows as columns: one array per leaf of the declared fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.types.layout import Layout
from sparring.types.values import Values


def leaf_columns(layout: Layout, rows: Sequence[Values]) -> list[NDArray[Any]]:
    """Return an array [rows, *shape] for each of `layout.arrays`, which are views of one copy of all rows."""
    data = bytearray(b"".join([row.data for row in rows]))
    found = []
    for packed in layout.arrays:
        dtype = packed.leaf.dtype
        assert dtype is not None
        inner = np.empty(packed.leaf.shape, dtype).strides
        shape = (len(rows), *packed.leaf.shape)
        found.append(np.ndarray(shape, dtype, data, packed.offset, (layout.size, *inner)))
    return found


def presence(layout: Layout, rows: Sequence[Values]) -> NDArray[np.bool_] | None:
    """Return [rows, fields], which values are there; None if all are."""
    if not any(row.present for row in rows):
        return None
    fields = range(len(layout.fields))
    return np.array([[layout.is_present(row, field) for field in fields] for row in rows], np.bool_)
