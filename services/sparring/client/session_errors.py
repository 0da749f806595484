"""What an error means to the holder of a session: author code failed, it hung, or it is lost."""

from __future__ import annotations

from typing import Final

from sparring.types.errors import (
    AbortedError,
    AuthorError,
    DeadlineError,
    ExhaustedError,
    HungError,
    LostError,
    SparringError,
    UnavailableError,
)

# Reasons that say so whatever their status is: servers in other languages know no classes of ours.
_AUTHOR: Final = frozenset({"AUTHOR_CODE_FAILED", "VALUE_OUT_OF_SPACE", "SETPOINT_OUT_OF_SPACE", "BASELINE_CHANGED"})
_GONE: Final = frozenset({"SESSION_UNKNOWN", "SLOT_TAKEN", "STREAM_ENDED"})


_BROKEN: Final = frozenset({"STREAM_BROKEN", "SERVER_UNREACHABLE", "UNAVAILABLE", "CANCELLED"})
_RESET: Final = ("Stream removed", "RST_STREAM", "Socket closed", "Connection reset", "Internal error from Core")
"""What gRPC says under UNKNOWN or INTERNAL; the last one when a message is sent on a call that the core has ended."""


def is_broken(error: SparringError) -> bool:
    """Tell whether it was the connection that ended a stream, and not a word of the other side."""
    if error.reason in ("UNKNOWN", "INTERNAL"):
        return any(text in error.message for text in _RESET)
    return error.reason in _BROKEN


def session_error(error: SparringError, component: str) -> SparringError:
    """Return what the end of a session's stream means.

    Args:
        error: As the stream ended.
        component: Who is at the other end, such as "environment 'grid'".

    Returns:
        AuthorError, HungError or LostError where it is one of these; otherwise one of its own class (a wrong request, a
        bug).
    """
    kind = _kind_of(error)
    if isinstance(error, kind) and "component" in error.metadata:
        return error
    text = error.message if component in error.message else f"{component}: {error.message}"
    found = kind(error.reason, text)
    found.metadata.update({"component": component, **error.metadata})
    return found


def _kind_of(error: SparringError) -> type[SparringError]:
    if is_broken(error):
        return LostError
    if isinstance(error, AuthorError | HungError | LostError):
        return type(error)
    if error.reason in _AUTHOR:
        return AuthorError
    if isinstance(error, DeadlineError):
        return HungError
    if error.reason in _GONE or isinstance(error, UnavailableError | ExhaustedError | AbortedError):
        return LostError
    return type(error)


def hung(component: str, asked: str, timeout_s: float) -> HungError:
    """Say that an answer did not come in time."""
    return HungError(
        "DEADLINE_PASSED",
        f"{component} did not answer {asked} within {timeout_s:g} s.",
        component=component,
        request=asked,
        timeout_s=timeout_s,
    )


def ended_early(component: str, asked: str) -> LostError:
    """Say that the other side ended the session instead of answering."""
    return LostError(
        "SESSION_ENDED",
        f"{component} ended the session without answering {asked}.",
        component=component,
        request=asked,
    )
