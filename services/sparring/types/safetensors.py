"""Safetensors files in memory, read as numpy arrays: a length (uint64), a header in JSON, and the arrays' bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.types.errors import InvalidArgumentError

_DTYPES = {
    "BOOL": "|b1",
    "U8": "|u1",
    "I8": "|i1",
    "U16": "<u2",
    "I16": "<i2",
    "F16": "<f2",
    "U32": "<u4",
    "I32": "<i4",
    "F32": "<f4",
    "U64": "<u8",
    "I64": "<i8",
    "F64": "<f8",
}


def read_safetensors(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the tensors by name, as arrays that can be written to.

    Raises:
        InvalidArgumentError: VALUE_MALFORMED, the bytes do not follow the format, or a dtype is one that numpy lacks.
    """
    try:
        start = 8 + int.from_bytes(data[:8], "little")
        header = json.loads(data[8:start])
        header.pop("__metadata__", None)
        return {name: _tensor(name, said, data[start:]) for name, said in header.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:
        raise InvalidArgumentError("VALUE_MALFORMED", f"This is no safetensors file: {wrong}.") from wrong


def _tensor(name: str, said: dict[str, Any], body: bytes) -> NDArray[Any]:
    dtype = _DTYPES.get(said["dtype"])
    if dtype is None:
        raise ValueError(f"{name} is of dtype {said['dtype']}, which numpy does not have")
    begin, end = said["data_offsets"]
    return np.frombuffer(bytearray(body[begin:end]), dtype).reshape(said["shape"])
