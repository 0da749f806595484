"""Packed values, free values and times between frames and the wire; long free values as chunks."""

from __future__ import annotations

import json
from typing import overload

from sparring.api.space.v1 import values_pb2 as pb
from sparring.types.declaration import FreeValue
from sparring.types.errors import InvalidArgumentError
from sparring.types.frames import NO_TIMES, LaneTimes
from sparring.types.values import Values

CHUNK_BYTES = 1 << 20
"""Free values above this travel in chunks of this size."""

JSON = "application/json"


class Chunks:
    """The bytes that came in Chunk frames, waiting for the frame that they belong to. Bounded by `limit_bytes`."""

    def __init__(self, limit_bytes: int = 1 << 30) -> None:
        self._waiting = bytearray()
        self._limit_bytes = limit_bytes

    def feed(self, data: bytes) -> None:
        """Keep the next bytes.

        Raises:
            InvalidArgumentError: FRAME_MALFORMED, more came than one frame may have.
        """
        if len(self._waiting) + len(data) > self._limit_bytes:
            raise InvalidArgumentError(
                "FRAME_MALFORMED", f"More than {self._limit_bytes} bytes came in chunks before one frame."
            )
        self._waiting += data

    def take(self, size: int) -> bytes:
        """Hand out the next `size` bytes.

        Raises:
            InvalidArgumentError: FRAME_MALFORMED, fewer are waiting.
        """
        if size > len(self._waiting):
            raise InvalidArgumentError(
                "FRAME_MALFORMED",
                f"A free value of {size} bytes was announced, but only {len(self._waiting)} bytes came in chunks.",
            )
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data

    def finish(self) -> None:
        """Say that the frame is read: whatever came in chunks was for it.

        Raises:
            InvalidArgumentError: FRAME_MALFORMED, the frame has used less than came.
        """
        if self._waiting:
            left = len(self._waiting)
            self._waiting.clear()
            raise InvalidArgumentError(
                "FRAME_MALFORMED", f"{left} bytes came in chunks that no value of the frame behind them has named."
            )


def encode_values(values: Values) -> pb.Values:
    """Write packed values."""
    data, present, texts = values
    # Rare parts apart: an argument that is empty costs as much as one that is not.
    if present or texts:
        return pb.Values(present=present, texts=texts, data=data)
    return pb.Values(data=data)


def decode_values(message: pb.Values) -> Values:
    """Read packed values. Their length is checked by whoever knows the layout."""
    return Values(message.data, message.present, tuple(message.texts))


@overload
def encode_free_value(value: FreeValue, chunks: list[bytes] | None = None) -> pb.FreeValue: ...
@overload
def encode_free_value(value: None, chunks: list[bytes] | None = None) -> None: ...
def encode_free_value(value: FreeValue | None, chunks: list[bytes] | None = None) -> pb.FreeValue | None:
    """Write a free value; above `CHUNK_BYTES` its bytes go to `chunks` (if given), in pieces."""
    if value is None:
        return None
    if chunks is None or len(value.data) <= CHUNK_BYTES:
        return pb.FreeValue(content_type=value.content_type, data=value.data)
    chunks.extend(value.data[at : at + CHUNK_BYTES] for at in range(0, len(value.data), CHUNK_BYTES))
    return pb.FreeValue(content_type=value.content_type, chunked_size_bytes=len(value.data))


def decode_free_value(message: pb.FreeValue, chunks: Chunks | None = None) -> FreeValue | None:
    """Read a free value; None if there is none.

    Raises:
        InvalidArgumentError: FRAME_MALFORMED, its chunks are missing.
    """
    if not message.content_type:
        return None
    if message.HasField("chunked_size_bytes"):
        return FreeValue(message.content_type, (chunks or Chunks()).take(message.chunked_size_bytes))
    return FreeValue(message.content_type, message.data)


def encode_times(times: LaneTimes) -> pb.LaneTimes:
    """Write simulated times."""
    stamps = times.timestamps_ns
    return pb.LaneTimes(ticks=times.ticks, timestamps_ns=stamps) if stamps else pb.LaneTimes(ticks=times.ticks)


def decode_times(message: pb.LaneTimes) -> LaneTimes:
    """Read simulated times."""
    ticks, stamps = message.ticks, message.timestamps_ns
    return LaneTimes(tuple(ticks), tuple(stamps)) if ticks or stamps else NO_TIMES


def encode_parameters(parameters: dict[str, object]) -> pb.FreeValue | None:
    """Write parameters as JSON; none at all if there are none.

    Raises:
        InvalidArgumentError: PARAMETERS_INVALID, a value that JSON does not know.
    """
    if not parameters:
        return None
    try:
        text = json.dumps(parameters, allow_nan=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgumentError(
            "PARAMETERS_INVALID", f"Parameters must be values that JSON knows: {error}."
        ) from error
    return pb.FreeValue(content_type=JSON, data=text.encode())


def decode_parameters(message: pb.FreeValue) -> dict[str, object]:
    """Read parameters.

    Raises:
        InvalidArgumentError: PARAMETERS_INVALID, not JSON, or not an object at the top.
    """
    if not message.content_type:
        return {}
    if message.content_type != JSON:
        raise InvalidArgumentError("PARAMETERS_INVALID", f"Parameters came as {message.content_type}; expected {JSON}.")
    try:
        parameters = json.loads(message.data)
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError("PARAMETERS_INVALID", f"Parameters are not JSON: {error}.") from error
    if not isinstance(parameters, dict):
        raise InvalidArgumentError(
            "PARAMETERS_INVALID", f"Parameters are a {type(parameters).__name__}; expected an object."
        )
    return parameters
