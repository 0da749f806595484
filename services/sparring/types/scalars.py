"""Many scalar fields of one float type, packed at once: what a grid of a thousand sensors declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from sparring.types.conversion import cast
from sparring.types.field import Field

FEWEST: Final = 16
"""Below it, one by one is as fast."""


class Scalars:
    """Packs values that are plainly right; leaves all others, and every error, to the fields one by one."""

    def __init__(self, dtype: np.dtype[Any], count: int) -> None:
        self._dtype = dtype
        self._count = count
        self._shape = (count, 8 // dtype.itemsize)

    @classmethod
    def of(cls, fields: Sequence[Field]) -> Scalars | None:
        """Return what packs these fields, or None if they are few, or of several kinds."""
        if len(fields) < FEWEST:
            return None
        dtypes = {_float_scalar(field) for field in fields}
        dtype = dtypes.pop()
        return None if dtypes or dtype is None else cls(dtype, len(fields))

    def pack(self, values: Sequence[object | None]) -> bytes | None:
        """Return the packed bytes if numpy makes an array of the dtype of them, or if all are floats; else None."""
        try:
            array = np.array(values)
            if array.dtype != self._dtype:
                if {*map(type, values)} != {float}:  # of a mixture, each is converted by itself
                    return None
                array = cast(array, self._dtype)
        except (ValueError, TypeError, OverflowError):  # of several shapes, no numbers, too large: said by the fields
            return None
        if array.shape != (self._count,):
            return None
        packed = np.zeros(self._shape, self._dtype)
        packed[:, 0] = array
        return packed.tobytes()


def _float_scalar(field: Field) -> np.dtype[Any] | None:
    leaf = field.leaves[0].leaf if field.plain else None
    if leaf is None or leaf.dtype is None or leaf.dtype.kind != "f" or leaf.shape != ():
        return None
    return leaf.dtype
