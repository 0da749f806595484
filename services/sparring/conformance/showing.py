"""Messages as findings show them: one line, not too long."""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import text_format
from google.protobuf.message import Message

_LONGEST: Final = 240


def show(message: Message | bytes | object) -> str:
    """Return a line."""
    if isinstance(message, bytes):
        return shorten(f"{len(message)} bytes: {message[:40].hex(' ')}" + (" ..." if len(message) > 40 else ""))
    if isinstance(message, Message):
        return shorten(text_format.MessageToString(message, as_one_line=True) or f"{message.DESCRIPTOR.name} {{}}")
    return str(message)


def show_frame(frame: Any) -> str:
    """Return a line for a request or a response."""
    kind = frame.WhichOneof("kind")
    if kind is None:
        return f"a frame of no kind, number {frame.sequence}"
    body = text_format.MessageToString(getattr(frame, kind), as_one_line=True)
    return shorten(f"{kind}, number {frame.sequence} {{{body}}}")


def shorten(text: str) -> str:
    """Cut what is too long to read."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ... ({len(text)} characters)"
