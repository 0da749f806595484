"""Arrays as npz files in memory: equal arrays give equal bytes, and nothing in them is ever executed."""

from __future__ import annotations

import ast
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.types.errors import InvalidArgumentError

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_LOCAL_SIGN, _CENTRAL_SIGN, _END_SIGN = 0x04034B50, 0x02014B50, 0x06054B50
_UTF8, _VERSION, _DATE = 0x0800, 20, 0x21  # 1 January 1980, the first day there is
_MAGIC = b"\x93NUMPY\x01\x00"
_LARGEST = 2**32 - 1


def write_npz(members: Mapping[str, NDArray[Any] | bytes]) -> bytes:
    """Write arrays, each as `name.npy`, and bytes under their own name, in this order; neither compressed nor dated.

    Raises:
        InvalidArgumentError: VALUE_UNENCODABLE for arrays of Python objects, VALUE_TOO_LARGE beyond 4 GiB.
    """
    parts: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for name, value in members.items():
        if isinstance(value, bytes):
            file, body = name.encode(), [value]
        else:
            file, body = f"{name}.npy".encode(), [_npy_header(name, value), value.tobytes()]
        size, crc = sum(map(len, body)), 0
        for piece in body:
            crc = zlib.crc32(piece, crc)
        if offset + size > _LARGEST - 2**16:
            raise InvalidArgumentError("VALUE_TOO_LARGE", "Arrays of more than 4 GiB do not fit into one value.")
        fixed = (_VERSION, 0 if file.isascii() else _UTF8, 0, 0, _DATE, crc, size, size, len(file), 0)
        head = _LOCAL.pack(_LOCAL_SIGN, *fixed) + file
        parts += (head, *body)
        directory.append(_CENTRAL.pack(_CENTRAL_SIGN, _VERSION, *fixed, 0, 0, 0, 0, offset) + file)
        offset += len(head) + size
    listed = b"".join(directory)
    end = _END.pack(_END_SIGN, 0, 0, len(directory), len(directory), len(listed), offset, 0)
    return b"".join((*parts, listed, end))


def read_npz(data: bytes) -> dict[str, NDArray[Any] | bytes]:
    """Read what `write_npz` or numpy wrote: arrays (writable), and other members as bytes.

    Raises:
        InvalidArgumentError: VALUE_MALFORMED, the bytes are no npz file, or one with Python objects in it.
    """
    try:
        found = _read_stored(data)
        return _read_any(data) if found is None else found
    except (ValueError, KeyError, SyntaxError, struct.error, OSError, zipfile.BadZipFile) as wrong:
        raise InvalidArgumentError("VALUE_MALFORMED", f"This is no npz file without objects: {wrong}.") from wrong


def _read_stored(data: bytes) -> dict[str, NDArray[Any] | bytes] | None:
    """Read an uncompressed file front to back; None if it is of another kind."""
    if len(data) < _END.size:
        return None
    end_sign, _, _, count, _, listed, directory, _ = _END.unpack_from(data, len(data) - _END.size)
    if end_sign != _END_SIGN or directory + listed + _END.size != len(data):
        return None
    members: dict[str, NDArray[Any] | bytes] = {}
    offset = 0
    while offset < directory:
        sign, _, flags, method, _, _, crc, size, full, name, extra = _LOCAL.unpack_from(data, offset)
        start = offset + _LOCAL.size + name + extra
        if sign != _LOCAL_SIGN or method or flags & ~_UTF8 or size != full or start + size > directory:
            return None
        file = data[offset + _LOCAL.size : offset + _LOCAL.size + name].decode()
        body = data[start : start + size]
        if zlib.crc32(body) != crc:
            raise ValueError(f"the check sum of {file} is wrong")
        if file.endswith(".npy"):
            members[file[:-4]] = _read_npy(body)
        else:
            members[file] = body
        offset = start + size
    return members if len(members) == count else None


def _read_any(data: bytes) -> dict[str, NDArray[Any] | bytes]:
    """Read any npz file, compressed ones too."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _read_npy(body: bytes) -> NDArray[Any]:
    if not body.startswith(_MAGIC):
        array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
        return array
    start = 10 + int.from_bytes(body[8:10], "little")
    dtype, shape, fortran = _parsed_header(body[10:start])
    flat = np.frombuffer(bytearray(body[start:]), dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


@lru_cache(maxsize=1024)
def _parsed_header(header: bytes) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    said = ast.literal_eval(header.decode("latin1").strip())
    dtype = np.lib.format.descr_to_dtype(said["descr"])
    if dtype.hasobject:
        raise ValueError("it holds Python objects")
    return dtype, said["shape"], bool(said["fortran_order"])


def _npy_header(name: str, array: NDArray[Any]) -> bytes:
    if array.dtype.hasobject:
        raise InvalidArgumentError(
            "VALUE_UNENCODABLE",
            f"The array {name!r} holds Python objects (dtype {array.dtype}); use numbers, or encode them yourself.",
            kind="numpy.ndarray",
        )
    return _written_header(array.dtype, array.shape)


@lru_cache(maxsize=1024)
def _written_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    said = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    text = "{" + "".join(f"'{key}': {value!r}, " for key, value in said.items()) + "}"
    room = -(len(_MAGIC) + 2 + len(text) + 1) % 64
    header = text.encode("latin1") + b" " * room + b"\n"
    return _MAGIC + len(header).to_bytes(2, "little") + header
