"""Sizes that both ends of every call agree on, and the check that refuses a message before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sparring.types.errors import InvalidArgumentError

MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
"""Largest message of a call. Free values above 1 MiB travel in chunks, so that only a step frame comes near it."""

MAX_OPEN_CALLS: Final = 10_000
"""Calls and streams that one server answers at once; one more is refused with RESOURCE_EXHAUSTED."""

MESSAGE_SIZE_OPTIONS: Final = (
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
)
"""Channel arguments of every server and channel."""


def checked_size(data: bytes, what: str) -> bytes:
    """Return `data` unchanged.

    Args:
        data: a serialized message.
        what: names it in the error, such as a method.

    Raises:
        InvalidArgumentError: MESSAGE_TOO_LARGE; nothing has been sent.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise InvalidArgumentError(
            "MESSAGE_TOO_LARGE",
            f"A message of {what} has {len(data)} bytes; at most {MAX_MESSAGE_BYTES} can be sent. "
            "Send it in parts, or send less of it.",
            method=what,
            size_bytes=len(data),
            limit_bytes=MAX_MESSAGE_BYTES,
        )
    return data


def bounded(serialize: Callable[[Any], bytes] | None, what: str) -> Callable[[Any], bytes]:
    """Return a serializer that refuses what is too large; None stands for messages that are bytes already."""
    if serialize is None:
        return lambda message: checked_size(message, what)
    return lambda message: checked_size(serialize(message), what)
