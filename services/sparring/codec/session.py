"""What all sessions have in common on the wire: attach, errors, shutdown, and the interface of a frame codec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sparring.api.space.v1 import session_pb2
from sparring.codec.errors import decode_error, encode_error
from sparring.codec.frame_table import Kind
from sparring.codec.values import Chunks
from sparring.codec.version import check_version, encode_version
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError, SparringError
from sparring.types.frames import ShutDown, Shutdown

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

    Encoders return the messages to be sent in order: chunks first, the frame last. Decoders return the sequence number
    and the frame, or None for a chunk, which they feed to `chunks`. Malformed bytes are InvalidArgumentError
    FRAME_MALFORMED.
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


def decode_attach(message: session_pb2.Attach, peer: str = "The client") -> Attach:
    """Read an Attach.

    Raises:
        FailedPreconditionError: VERSION_MISMATCH.
    """
    check_version(message.version, peer)
    return Attach(message.token, message.last_sequence)


def encode_refused(refused: Refused) -> session_pb2.Error:
    """Write a refusal."""
    return encode_error(refused.error)


def decode_refused(message: session_pb2.Error) -> Refused:
    """Read a refusal: always an error that leaves the session unharmed, whatever the other side calls it."""
    error = decode_error(message)
    if not isinstance(error, InvalidArgumentError | FailedPreconditionError):
        error = InvalidArgumentError(error.reason, error.message)
    return Refused(error)


def request_kinds(peer: str) -> tuple[Kind, ...]:
    """Return the requests that every session knows; `peer` names who sends them."""
    return (
        Kind("attach", Attach, lambda attach, _: encode_attach(attach), lambda body, _: decode_attach(body, peer)),
        Kind("shutdown", Shutdown, lambda _, __: session_pb2.Shutdown(), lambda _, __: Shutdown()),
    )


RESPONSE_KINDS = (
    Kind(
        "attached",
        Attached,
        lambda attached, _: session_pb2.Attached(last_sequence=attached.last_sequence),
        lambda body, _: Attached(body.last_sequence),
    ),
    Kind("shut_down", ShutDown, lambda _, __: session_pb2.ShutDown(), lambda _, __: ShutDown()),
    Kind("error", Refused, lambda refused, _: encode_refused(refused), lambda body, _: decode_refused(body)),
)
"""The responses that every session knows."""
