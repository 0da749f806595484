"""Errors of our tree inside frames: refusals, and why a rollout worker ended."""

from __future__ import annotations

from typing import Final

from sparring.api.space.v1 import session_pb2
from sparring.types import errors
from sparring.types.errors import FailedPreconditionError, InternalError, InvalidArgumentError, SparringError

_KIND_KEY: Final = "sparring-kind"  # a hyphen: no keyword argument of an error can have this name
_USUAL: Final = InvalidArgumentError
_CLASSES: Final[dict[str, type[SparringError]]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, SparringError)
}
_WRONG_STATE: Final = frozenset({"EPISODE_OVER"})
"""Reasons of the protocol that are about the state, for servers that say nothing but the reason."""


def encode_error(error: SparringError) -> session_pb2.Error:
    """Write an error. The text of a bug of ours stays in this process."""
    if isinstance(error, InternalError):
        error = InternalError(error.reason, "Internal error; the log of the service where it happened tells more.")
    name = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _CLASSES)
    metadata = dict(error.metadata)
    if name != _USUAL.__name__:
        metadata[_KIND_KEY] = name
    return session_pb2.Error(reason=error.reason, message=error.message, metadata=metadata)


def decode_error(message: session_pb2.Error) -> SparringError:
    """Read an error; a reason that is none becomes REQUEST_REFUSED."""
    metadata = dict(sorted(message.metadata.items()))  # on the wire they have no order
    usual = FailedPreconditionError if message.reason in _WRONG_STATE else _USUAL
    kind = _CLASSES.get(metadata.pop(_KIND_KEY, ""), usual)
    text = message.message or "The other side refused this and said nothing else."
    try:
        error = kind(message.reason, text)
    except ValueError:
        error = kind("REQUEST_REFUSED", text)
    error.metadata.update(metadata)  # a peer may name its values as it likes, also like our arguments
    return error
