"""Free values: what authors hand over, as bytes with a content type, and back; equal values give equal bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sparring.types.declaration import FreeValue
from sparring.types.errors import InvalidArgumentError
from sparring.types.npz import read_npz, write_npz
from sparring.types.safetensors import read_safetensors

JSON: Final = "application/json"
NPZ: Final = "application/x-npz"
SAFETENSORS: Final = "application/x-safetensors"
BYTES: Final = "application/octet-stream"
PARTS: Final = "application/x-sparring-parts"

STRUCTURE: Final = "structure.json"
"""Member of an npz file that says how its arrays are nested; without it the value is a dict of arrays."""

_ATOMS = frozenset((str, int, bool, type(None)))


def to_free_value(value: object) -> FreeValue:
    """Encode what an author handed over.

    JSON, if the value is made of None, bool, int, float, str, lists, tuples and dicts with text as keys (tuples come
    back as lists). Npz, if there are arrays, numpy or torch (which come back as numpy), bytes, or numbers that are not
    finite among them; a dict of arrays is a plain npz file. Bytes alone are application/octet-stream. A FreeValue stays
    what it is. Nothing is ever pickled.

    Raises:
        InvalidArgumentError: VALUE_UNENCODABLE, naming the class that cannot be encoded and where it was found.
    """
    if isinstance(value, FreeValue):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return FreeValue(BYTES, bytes(value))
    if _is_json(value):
        return FreeValue(JSON, _dumps(value))
    if isinstance(value, dict) and value and all(_is_named_array(name, each) for name, each in value.items()):
        return FreeValue(NPZ, write_npz({name: _array(each, name) for name, each in value.items()}))
    members: dict[str, NDArray[Any] | bytes] = {}
    tree = _node(value, "", members)
    return FreeValue(NPZ, write_npz({STRUCTURE: _dumps(tree), **members}))


def from_free_value(value: FreeValue) -> Any:
    """Decode; the inverse of `to_free_value`. A value of another content type is returned as it is.

    Raises:
        InvalidArgumentError: VALUE_MALFORMED, the bytes do not follow the content type.
    """
    decode = _DECODERS.get(value.content_type)
    if decode is None:
        return value
    try:
        return decode(value.data)
    except (ValueError, LookupError, TypeError) as wrong:
        if isinstance(wrong, InvalidArgumentError):
            raise
        raise InvalidArgumentError(
            "VALUE_MALFORMED", f"A value of {len(value.data)} bytes is no {value.content_type}: {wrong}."
        ) from wrong


def join_parts(parts: Sequence[FreeValue | None]) -> FreeValue:
    """Put several values into one: a line of JSON that lists content types and sizes, then the bytes."""
    head = [None if part is None else [part.content_type, len(part.data)] for part in parts]
    return FreeValue(PARTS, _dumps(head) + b"\n" + b"".join([part.data for part in parts if part is not None]))


def split_parts(value: FreeValue) -> list[FreeValue | None]:
    """Take apart what `join_parts` made.

    Raises:
        InvalidArgumentError: VALUE_MALFORMED, it is something else.
    """
    line, _, body = value.data.partition(b"\n")
    parts: list[FreeValue | None] = []
    offset = 0
    try:
        for said in json.loads(line):
            if said is not None:
                content_type, size = str(said[0]), int(said[1])
                parts.append(FreeValue(content_type, body[offset : offset + size]))
                offset += size
            else:
                parts.append(None)
    except (ValueError, LookupError, TypeError) as wrong:
        raise InvalidArgumentError(
            "VALUE_MALFORMED", f"A value in parts begins with no list of them: {wrong}."
        ) from wrong
    if offset != len(body) or value.content_type != PARTS:
        raise InvalidArgumentError(
            "VALUE_MALFORMED", f"A value in parts of {offset} bytes has {len(body)}, and is {value.content_type}."
        )
    return parts


def _is_json(value: object) -> bool:
    kind = type(value)
    if kind in _ATOMS:
        return True
    if isinstance(value, float | np.floating):
        return math.isfinite(value)
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(type(key) is str for key in value) and all(map(_is_json, value.values()))
    return isinstance(value, str | int | np.integer | np.bool_)


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode()


def _plain(value: object) -> object:
    """Make a number of Python of one of numpy."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value).__name__)  # not reached: what is no JSON was sorted out before


def _is_named_array(name: object, value: object) -> bool:
    return type(name) is str and name not in ("", STRUCTURE) and "\0" not in name and _is_array(value)


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray) or _is_tensor(value)


def _is_tensor(value: object) -> bool:
    """Tell a torch tensor without importing torch."""
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach")


def _array(value: Any, where: str) -> NDArray[Any]:
    array: NDArray[Any] = value.detach().cpu().numpy() if _is_tensor(value) else value
    if array.dtype.hasobject:
        raise _unencodable(array, where, f"of dtype {array.dtype}")
    return array


def _node(value: object, where: str, members: dict[str, NDArray[Any] | bytes]) -> list[object]:
    """Describe a value as a tagged tree; arrays and bytes become members of the file, under numbers."""
    if _is_array(value):
        members[name := str(len(members))] = _array(value, where)
        return ["array", name]
    if isinstance(value, bytes | bytearray | memoryview):
        members[name := str(len(members))] = np.frombuffer(bytes(value), np.uint8)
        return ["bytes", name]
    if isinstance(value, FreeValue):
        members[name := str(len(members))] = np.frombuffer(value.data, np.uint8)
        return ["free", name, value.content_type]
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        return ["float", repr(float(value))]
    if isinstance(value, list | tuple):
        return ["list", [_node(each, f"{where}[{number}]", members) for number, each in enumerate(value)]]
    if isinstance(value, Mapping):
        for key in value:
            if type(key) is not str:
                raise _unencodable(key, where, "as a key; keys are text")
        return ["dict", {key: _node(each, f"{where}[{key!r}]", members) for key, each in value.items()}]
    if _is_json(value):
        return ["value", value]
    raise _unencodable(value, where)


def _unencodable(value: object, where: str, more: str = "") -> InvalidArgumentError:
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    what = " ".join(filter(None, (kind, more, where and f"at {where}")))
    return InvalidArgumentError(
        "VALUE_UNENCODABLE",
        f"A value of class {what} cannot be handed over; use numbers, text, lists, dicts with text as keys, "
        "numpy arrays or bytes.",
        kind=kind,
    )


def _decode_npz(data: bytes) -> Any:
    members = read_npz(data)
    structure = members.pop(STRUCTURE, None)
    return _rebuilt(json.loads(structure), members) if isinstance(structure, bytes) else members


def _rebuilt(node: Any, members: dict[str, NDArray[Any] | bytes]) -> Any:
    kind, what = node[0], node[1]
    if kind == "value":
        return what
    if kind == "float":
        return float(what)
    if kind == "list":
        return [_rebuilt(each, members) for each in what]
    if kind == "dict":
        return {key: _rebuilt(each, members) for key, each in what.items()}
    array: Any = members[what]
    if kind == "array":
        return array
    return array.tobytes() if kind == "bytes" else FreeValue(node[2], array.tobytes())


_DECODERS: dict[str, Callable[[bytes], Any]] = {
    JSON: json.loads,
    BYTES: bytes,
    NPZ: _decode_npz,
    SAFETENSORS: read_safetensors,
}
