"""Frames of one direction of a stream to bytes and back, by a table of their kinds: the same for every session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError, Message

from sparring.api.space.v1 import values_pb2
from sparring.codec.values import Chunks
from sparring.types.errors import InvalidArgumentError


class Kind(NamedTuple):
    """One kind of frame.

    Attributes:
        field: Its name in the message's oneof `kind`.
        frame: Its class among the plain values.
        encode: Makes the body; long free values leave their pieces in the list.
        decode: Makes the plain value; takes long free values from the chunks.
    """

    field: str
    frame: type[Any]
    encode: Callable[[Any, list[bytes]], Message]
    decode: Callable[[Any, Chunks], Any]


class FrameTable:
    """The kinds of frames of one direction.

    Args:
        message: The message around them, with `sequence` and the oneof `kind`.
        what: Names a frame in errors, such as "an environment request".
        kinds: All but Chunk.
    """

    def __init__(self, message: type[Any], what: str, kinds: Sequence[Kind]) -> None:
        self._message = message
        self._what = what
        self._encoders = {kind.frame: (kind.field, kind.encode) for kind in kinds}
        self._decoders = {kind.field: kind.decode for kind in kinds}

    def encode(self, sequence: int, frame: Any, **head: Any) -> Sequence[bytes]:
        """Write a frame: chunks first, the frame last. `head` are further fields of the message beside its kind."""
        field, encode = self._encoders[type(frame)]
        pieces: list[bytes] = []
        body = encode(frame, pieces)
        data: bytes = self._message(sequence=sequence, **head, **{field: body}).SerializeToString()
        return (*self._chunks(sequence, pieces), data) if pieces else (data,)

    def parse(self, data: bytes) -> Any:
        """Parse the message around a frame.

        Raises:
            InvalidArgumentError: FRAME_MALFORMED.
        """
        try:
            return self._message.FromString(data)
        except DecodeError as error:
            raise malformed(f"{len(data)} bytes that are not {self._what}") from error

    def read(self, message: Any, chunks: Chunks) -> Any:
        """Read the frame in a message; None for a chunk, which is fed to `chunks`.

        Raises:
            InvalidArgumentError: FRAME_MALFORMED, or what the reader of this kind says.
        """
        field = message.WhichOneof("kind")
        if field == "chunk":
            chunks.feed(message.chunk.data)
            return None
        decode = self._decoders.get(field)
        if decode is None:
            raise malformed(f"{self._what} of no known kind")
        frame = decode(getattr(message, field), chunks)
        chunks.finish()
        return frame

    def _chunks(self, sequence: int, pieces: Sequence[bytes]) -> list[bytes]:
        make = self._message
        return [make(sequence=sequence, chunk=values_pb2.Chunk(data=piece)).SerializeToString() for piece in pieces]


def malformed(what: str) -> InvalidArgumentError:
    """Say what is wrong with a frame."""
    return InvalidArgumentError("FRAME_MALFORMED", f"Malformed frame: {what}.")
