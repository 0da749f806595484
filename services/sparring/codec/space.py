"""Spaces between gymnasium and the wire, both ways, without loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from sparring.api.space.v1 import space_pb2 as pb
from sparring.types.errors import InvalidArgumentError

_TYPES: dict[str, pb.ElementType] = {
    "float32": pb.ELEMENT_TYPE_FLOAT32,
    "float64": pb.ELEMENT_TYPE_FLOAT64,
    "float16": pb.ELEMENT_TYPE_FLOAT16,
    "int8": pb.ELEMENT_TYPE_INT8,
    "int16": pb.ELEMENT_TYPE_INT16,
    "int32": pb.ELEMENT_TYPE_INT32,
    "int64": pb.ELEMENT_TYPE_INT64,
    "uint8": pb.ELEMENT_TYPE_UINT8,
    "uint16": pb.ELEMENT_TYPE_UINT16,
    "uint32": pb.ELEMENT_TYPE_UINT32,
    "uint64": pb.ELEMENT_TYPE_UINT64,
    "bool": pb.ELEMENT_TYPE_BOOL,
}
_MOST_ELEMENTS = 1 << 26
"""As many bytes as the largest message has."""

_NAMES = {number: name for name, number in _TYPES.items()}


def encode_space(space: gymnasium.Space[Any]) -> pb.Space:
    """Write a space.

    Raises:
        InvalidArgumentError: SPACE_UNKNOWN, a kind (Graph, Sequence, ...) or an element type that the protocol does not
            carry.
    """
    match space:
        case spaces.Box():
            kind = _element_type(space.dtype)
            low, high = _bound(space.low), _bound(space.high)
            return pb.Space(box=pb.Box(element_type=kind, shape=space.shape, low=low, high=high))
        case spaces.Discrete():
            kind = _integer_type(space.dtype)
            return pb.Space(discrete=pb.Discrete(n=int(space.n), start=int(space.start), element_type=kind))
        case spaces.MultiBinary():
            return pb.Space(multi_binary=pb.MultiBinary(shape=space.shape, flat=isinstance(space.n, int | np.integer)))
        case spaces.MultiDiscrete():
            start = space.start.ravel().tolist()
            return pb.Space(
                multi_discrete=pb.MultiDiscrete(
                    shape=space.shape,
                    n=space.nvec.ravel().tolist(),
                    start=start if any(start) else (),
                    element_type=_integer_type(space.dtype),
                )
            )
        case spaces.Text():
            text = pb.Text(
                min_length=space.min_length, max_length=space.max_length, charset="".join(space.character_list)
            )
            return pb.Space(text=text)
        case spaces.Tuple():
            return pb.Space(tuple=pb.Tuple(spaces=[encode_space(part) for part in space.spaces]))
        case spaces.Dict():
            entries = [pb.Dict.Entry(key=key, space=encode_space(part)) for key, part in space.spaces.items()]
            return pb.Space(dict=pb.Dict(entries=entries))
    raise InvalidArgumentError(
        "SPACE_UNKNOWN",
        f"The protocol does not carry spaces of the kind {type(space).__name__}; "
        "use Box, Discrete, MultiBinary, MultiDiscrete, Text, Tuple or Dict.",
        kind=type(space).__name__,
    )


def decode_space(message: pb.Space) -> gymnasium.Space[Any]:
    """Read a space.

    Raises:
        InvalidArgumentError: SPACE_UNKNOWN (no kind this side knows) or SPACE_MALFORMED (shape, bounds or counts do not
            fit together, or it has more elements than any message could carry).
    """
    kind = message.WhichOneof("kind")
    if kind is None:
        raise InvalidArgumentError("SPACE_UNKNOWN", "A space came without a kind that this side knows.", kind="")
    try:
        return _decode(kind, message)
    except InvalidArgumentError:
        raise
    except (ValueError, TypeError, AssertionError, OverflowError) as error:
        raise InvalidArgumentError(
            "SPACE_MALFORMED", f"A space of the kind {kind} does not hold together: {error}", kind=kind
        ) from error


def _decode(kind: str, message: pb.Space) -> gymnasium.Space[Any]:
    if kind == "box":
        return _decode_box(message.box)
    if kind == "discrete":
        discrete = message.discrete
        return spaces.Discrete(discrete.n, start=discrete.start, dtype=_dtype(discrete.element_type))
    if kind == "multi_binary":
        binary = message.multi_binary
        shape = _shape(binary.shape)
        return spaces.MultiBinary(shape[0] if binary.flat and len(shape) == 1 else shape)
    if kind == "multi_discrete":
        multi = message.multi_discrete
        dtype = _dtype(multi.element_type)
        shape = _shape(multi.shape)
        counts = np.array(multi.n, dtype).reshape(shape)
        start = np.array(multi.start, dtype).reshape(shape) if multi.start else None
        return spaces.MultiDiscrete(counts, dtype=dtype, start=start)
    if kind == "text":
        text = message.text
        return spaces.Text(max_length=text.max_length, min_length=text.min_length, charset=text.charset)
    if kind == "tuple":
        return spaces.Tuple([decode_space(part) for part in message.tuple.spaces])
    # A list of pairs keeps the declared order; a plain mapping might be sorted.
    return spaces.Dict([(entry.key, decode_space(entry.space)) for entry in message.dict.entries])


def _decode_box(box: pb.Box) -> spaces.Box:
    dtype = _dtype(box.element_type)
    shape = _shape(box.shape)
    bounds = [np.frombuffer(bound, dtype.newbyteorder("<")).astype(dtype) for bound in (box.low, box.high)]
    low, high = (np.full(shape, bound[0], dtype) if bound.size == 1 else bound.reshape(shape) for bound in bounds)
    return spaces.Box(low, high, shape=shape, dtype=dtype.type)


def _shape(sizes: Sequence[int]) -> tuple[int, ...]:
    """Read a shape; no peer may ask for more memory than a message could fill."""
    shape = tuple(sizes)
    if any(size < 0 for size in shape) or math.prod(shape) > _MOST_ELEMENTS:
        raise ValueError(f"the shape {shape} has a negative size, or more than {_MOST_ELEMENTS} elements")
    return shape


def _bound(bound: np.ndarray[Any, Any]) -> bytes:
    """Write bounds, as a single element where all are the same bits."""
    packed = np.ascontiguousarray(bound, bound.dtype.newbyteorder("<"))
    flat = packed.tobytes()
    first = flat[: packed.itemsize]
    return first if packed.size and flat == first * packed.size else flat


def _element_type(dtype: Any) -> pb.ElementType:
    name = np.dtype(dtype).name
    if name not in _TYPES:
        raise InvalidArgumentError("SPACE_UNKNOWN", f"The protocol does not carry the element type {name}.", kind=name)
    return _TYPES[name]


def _integer_type(dtype: Any) -> pb.ElementType:
    """Say nothing where it is int64, the usual case."""
    return pb.ELEMENT_TYPE_UNSPECIFIED if np.dtype(dtype) == np.int64 else _element_type(dtype)


def _dtype(number: pb.ElementType) -> np.dtype[Any]:
    return np.dtype(_NAMES.get(number, "int64"))
