"""What the sessions of one kind have of their own: environments, muscles, brains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sparring.codec.session import FrameCodec
from sparring.host.session import Instance

Request = TypeVar("Request")
Response = TypeVar("Response")


def _as_given(start: Any) -> Any:
    """Leave open what is open."""
    return start


def _no_fence(codec: Any) -> None:
    """Let every frame in."""


@dataclass(frozen=True)
class SessionKind(Generic[Request, Response]):
    """Given to a `SessionLoop`.

    Attributes:
        codec: Makes what turns frames to bytes and back.
        start: The class of the first frame; it has a `token`.
        make: Makes an instance for a start.
        describe: Component and run of a start, for people.
        linger_s: How long a session is kept without a stream; None is what the slot is configured to.
        complete: Fills in what a start leaves open.
        fence: Given the codec that has read a frame of the session; raises to refuse its sender.
    """

    codec: Callable[[], FrameCodec[Request, Response]]
    start: type[Any]
    make: Callable[[Any], Instance[Request, Response]]
    describe: Callable[[Any], tuple[str, str]]
    linger_s: Callable[[], float] | None = None
    complete: Callable[[Any], Any] = _as_given
    fence: Callable[[Any], None] = _no_fence
