"""What all sessions have in common on the wire: attach, refusals, chunks, and the interface of a frame codec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sparring.api.space.v1 import session_pb2, values_pb2
from sparring.codec.values import Chunks
from sparring.codec.version import encode_version
from sparring.types.errors import InvalidArgumentError, SparringError

Request = TypeVar("Request")
Response = TypeVar("Response")


@dataclass(frozen=True, slots=True)
class Attach:
    """Resume the session `token`; answers up to `last_sequence` were received."""

    token: str
    last_sequence: int


@dataclass(frozen=True, slots=True)
class Attached:
    """The session goes on; requests up to `last_sequence` were applied."""

    last_sequence: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The request was refused; the session is unharmed."""

    error: SparringError


class FrameCodec(Protocol[Request, Response]):
    """Frames of one kind of session to bytes and back.

    Encoders return the messages to be sent in order: chunks first, the frame last. Decoders return the sequence number and the frame, or None for a chunk,
    which they feed to `chunks`. Malformed bytes are InvalidArgumentError FRAME_MALFORMED.
    """

    def encode_request(self, sequence: int, request: Request | Attach) -> Sequence[bytes]:
        """Write a request."""

    def decode_request(self, data: bytes, chunks: Chunks) -> tuple[int, Request | Attach | None]:
        """Read a request."""

    def encode_response(self, sequence: int, response: Response | Attached | Refused) -> Sequence[bytes]:
        """Write a response."""

    def decode_response(self, data: bytes, chunks: Chunks) -> tuple[int, Response | Attached | Refused | None]:
        """Read a response."""


def encode_attach(attach: Attach) -> session_pb2.Attach:
    """Write an Attach."""
    return session_pb2.Attach(version=encode_version(), token=attach.token, last_sequence=attach.last_sequence)


def decode_attach(message: session_pb2.Attach) -> Attach:
    """Read an Attach."""
    return Attach(message.token, message.last_sequence)


def encode_refused(refused: Refused) -> session_pb2.Error:
    """Write a refusal."""
    error = refused.error
    return session_pb2.Error(reason=error.reason, message=error.message, metadata=error.metadata)


def decode_refused(message: session_pb2.Error) -> Refused:
    """Read a refusal; a reason that is none becomes REQUEST_REFUSED."""
    try:
        return Refused(InvalidArgumentError(message.reason, message.message, **dict(message.metadata)))
    except (ValueError, TypeError):
        return Refused(
            InvalidArgumentError("REQUEST_REFUSED", message.message or "The request was refused without a message.")
        )


def parse(kind: type[Any], data: bytes) -> Any:
    """Parse a message.

    Raises:
        InvalidArgumentError: FRAME_MALFORMED.
    """
    try:
        return kind.FromString(data)
    except Exception as error:  # protobuf's backends raise different classes
        raise malformed(f"{len(data)} bytes are not a {kind.__name__}") from error


def malformed(what: str) -> InvalidArgumentError:
    """Say what is wrong with a frame."""
    return InvalidArgumentError("FRAME_MALFORMED", f"Malformed frame: {what}.")


def with_chunks(message_kind: type[Any], sequence: int, pieces: Sequence[bytes], frame: Any) -> list[bytes]:
    """Put a frame behind its chunks."""
    chunks = [
        message_kind(sequence=sequence, chunk=values_pb2.Chunk(data=piece)).SerializeToString() for piece in pieces
    ]
    return [*chunks, frame.SerializeToString()]
