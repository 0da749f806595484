"""What workers and the broker say to each other, free of protobuf; the protos tell what each of them means."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a session is reached; the fields are those of the proto."""

    address: str
    relay: str = ""
    authority: str = ""
    relays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """A component that a worker can run."""

    name: str
    role: str = ""


class SessionState(enum.Enum):
    """What a worker knows of a session; the numbers are those of the proto."""

    CONNECTED = 1
    EXPECTED = 2
    SUSPENDED = 3


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that a worker holds."""

    token: str
    state: SessionState = SessionState.CONNECTED
    component: str = ""
    run: str = ""
    endpoint: Endpoint | None = None


class EventKind(enum.Enum):
    """What may happen to a session; the numbers are those of the proto."""

    OPEN = 1
    ENDED = 2
    LOST = 3
    HUNG = 4


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """What became of a session."""

    token: str
    kind: EventKind
    reason: str = ""
    message: str = ""


class Leaving(enum.Enum):
    """Why a conversation ends; the numbers are those of the proto."""

    UNEXPECTED = 1
    SUPERSEDED = 2
    RESERVED = 3
    SHUTDOWN = 4
    EXPIRED = 5
    DRAINING = 6


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker registers."""

    worker_id: str
    incarnation: int
    service: str
    slots: int = 0
    slots_unlimited: bool = False
    calls: int = 1
    sessions: tuple[OpenSession, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    endpoint: Endpoint | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    dial_out: bool = False


@dataclass(frozen=True, slots=True)
class Alive:
    """A worker's heartbeat: the requests and the sessions it has."""

    busy: tuple[str, ...] = ()
    sessions: tuple[OpenSession, ...] = ()


@dataclass(frozen=True, slots=True)
class Partial:
    """A reply that others follow."""

    request_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Final:
    """The last reply; without a body if the partial ones were all."""

    request_id: str
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The last reply of a request that failed: a gRPC status."""

    request_id: str
    code: int
    message: str = ""
    details: bytes = b""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The last message of a conversation, on either side."""

    reason: Leaving
    message: str = ""
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Admitted:
    """The offered slot expects its session."""

    token: str
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The offered slot is not free."""

    token: str
    reason: str = "SLOT_TAKEN"
    message: str = ""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A slot is free again."""

    event: SessionEvent


@dataclass(frozen=True, slots=True)
class Welcome:
    """You are registered."""

    lease_id: str


@dataclass(frozen=True, slots=True)
class Request:
    """Handle a call. `timeout_s` is what is left; None means no deadline."""

    request_id: str
    method: str
    metadata: tuple[tuple[str, bytes], ...]
    timeout_s: float | None
    attempt: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits for this request any more."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Beat:
    """The broker's heartbeat."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Will you hold a session? `expires` is a time on the caller's clock."""

    token: str
    component: str
    expires: float
    run: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """End this session, whatever its state."""

    token: str


FromWorker: TypeAlias = Ready | Alive | Partial | Final | Failure | Disconnect | Admitted | Refused | SessionEnded
ToWorker: TypeAlias = Welcome | Request | Cancel | Beat | Disconnect | Offer | Withdraw
