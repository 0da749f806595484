"""What the rules want done. Every effect but `ServiceChanged` goes to one peer, in order; some are the last it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sparring.broker.majordomo.messages import Endpoint, SessionEvent, ToWorker
from sparring.types.errors import SparringError


@dataclass(frozen=True, slots=True)
class Tell:
    """Send a message to a worker's stream."""

    to: int
    message: ToWorker


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a worker's stream: with this error, or well. Nothing is sent to it afterwards."""

    to: int
    error: SparringError | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Give a call a reply; the final one ends it, and may have no body."""

    to: int
    body: bytes | None
    final: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """End a call with the status that its worker gave."""

    to: int
    code: int
    message: str
    details: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """End a call, an acquisition or a watch with an error of the broker's own."""

    to: int
    error: SparringError


@dataclass(frozen=True, slots=True)
class Waiting:
    """Tell an acquisition how many bundles are before it, and what is lacking."""

    to: int
    position: int
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to start one session. `expires` is a time on the caller's clock."""

    token: str
    worker_id: str
    service: str
    endpoint: Endpoint
    expires: float


@dataclass(frozen=True, slots=True)
class Granted:
    """End an acquisition with the whole bundle, by label."""

    to: int
    grants: Mapping[str, Grant]


@dataclass(frozen=True, slots=True)
class Happened:
    """Tell a watch about one of its sessions."""

    to: int
    event: SessionEvent


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """End a watch: all its sessions are over."""

    to: int


@dataclass(frozen=True, slots=True)
class ServiceChanged:
    """A service has a live worker, has none, or (None) is not known any more."""

    name: str
    serving: bool | None


ToPeer: TypeAlias = Tell | HangUp | Reply | Failed | Rejected | Waiting | Granted | Happened | WatchEnded
Effect: TypeAlias = ToPeer | ServiceChanged
