"""Sessions as their holders, hosts and the broker speak of them: open, ended, lost, hung; slots admitted or refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Self


class SessionState(Enum):
    """How a session stands at its host."""

    EXPECTED = "expected"
    """Granted; no stream yet."""
    CONNECTED = "connected"
    """The stream is up."""
    SUSPENDED = "suspended"
    """The stream broke; the session lingers."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that a host expects or holds; `component` and `run` are for people.

    Where it is reached: directly at `address` (host:port), or through `relay`; both empty is the host's own endpoint.
    """

    token: str
    state: SessionState
    component: str = ""
    run: str = ""
    address: str = ""
    relay: str = ""


class SessionEventKind(Enum):
    """What may happen to a session."""

    OPEN = "open"
    """It is known."""
    ENDED = "ended"
    """It ended in good order."""
    LOST = "lost"
    """It is gone; the episode may be played again."""
    HUNG = "hung"
    """Author code passed its deadline and its process was killed; the run fails."""


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """What became of a session; `reason` (UPPER_SNAKE) and `message` are empty where there is nothing to say."""

    token: str
    kind: SessionEventKind
    reason: str = ""
    message: str = ""

    @classmethod
    def ended(cls, token: str, reason: str = "", message: str = "") -> Self:
        """It is over."""
        return cls(token, SessionEventKind.ENDED, reason, message)

    @classmethod
    def lost(cls, token: str, reason: str, message: str) -> Self:
        """It is gone."""
        return cls(token, SessionEventKind.LOST, reason, message)

    @classmethod
    def hung(cls, token: str, reason: str, message: str) -> Self:
        """It passed its deadline."""
        return cls(token, SessionEventKind.HUNG, reason, message)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A host expects the session.

    Where: directly at `address` (host:port), or through `relay`; both empty is the host's own endpoint.
    """

    address: str = ""
    relay: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A host has no slot for the session."""

    reason: str
    message: str
