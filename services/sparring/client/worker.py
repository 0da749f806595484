"""What a Majordomo worker is: its name, its capacity, what it can run, and who admits sessions to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import grant_pb2
from sparring.codec.holding import encode_open_session
from sparring.codec.version import encode_version
from sparring.types.holding import Admitted, OpenSession, Refused


class Admission(Protocol):
    """Admits sessions by token: the arbiter of a worker's slots. Called on the event loop."""

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Expect a session, if there is a free slot.

        Args:
            token: The session to be.
            component: What it will hold; empty means any.
            expires_s: Until when it must have begun, seconds since 1970 UTC.
            run: On whose behalf, for people.
        """

    def sessions(self) -> Sequence[OpenSession]:
        """Return the sessions that are expected or held."""

    async def withdraw(self, token: str) -> None:
        """End a session, whatever its state; unknown ones are none of ours."""


class NoSlots:
    """The admission of a worker without slots, or with any number of them: there is nothing to arbitrate."""

    def __init__(self, unlimited: bool) -> None:
        self._unlimited = unlimited

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        """Admit all, or nobody."""
        return Admitted() if self._unlimited else Refused("SLOT_TAKEN", "This worker holds no sessions.")

    def sessions(self) -> Sequence[OpenSession]:
        """Return none."""
        return ()

    async def withdraw(self, token: str) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Worker:
    """One process under one service name.

    Attributes:
        service: The name.
        admission: Who admits sessions.
        calls: How many calls it handles at once.
        slots: How many sessions it holds at once.
        slots_unlimited: True if it holds any number of sessions, all at `endpoint`.
        endpoint: host:port of its sessions unless admission says something else.
        relay: host:port of a relay of its own that they are reached through, likewise.
        authority: Name on the certificate of its sessions' ports, for streams that come another way than to that name.
        announcements: (name, role) of what it can run.
        labels: For people.
        dial_out: It only dials out: nobody is told where its sessions are; they are reached by the spare connections
            that it keeps at the relay of each broker.
        reach: With `dial_out`: says where a session is on this machine, host:port; None for one that is not ours.
        relays: The relays of the brokers that know it, as clients reach them, by the address of the broker; kept
            by the links to them.
        worker_id: Its own name, made once per process.
    """

    service: str
    admission: Admission
    calls: int = 1
    slots: int = 0
    slots_unlimited: bool = False
    endpoint: str = ""
    relay: str = ""
    authority: str = ""
    announcements: tuple[tuple[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    dial_out: bool = False
    reach: Callable[[str], str | None] = lambda token: None
    relays: dict[str, str] = field(default_factory=dict)
    worker_id: str = field(default_factory=lambda: secrets.token_hex(8))

    def ready(self, incarnation: int) -> pb.WorkRequest:
        """Write the first message of its stream number `incarnation`."""
        ready = pb.Ready(
            version=encode_version(),
            worker_id=self.worker_id,
            incarnation=incarnation,
            service=self.service,
            slots=self.slots,
            slots_unlimited=self.slots_unlimited,
            calls=self.calls,
            sessions=self.sessions(),
            announcements=[pb.Announcement(name=name, role=role) for name, role in self.announcements],
            endpoint=self.told(),
            labels=self.labels,
            dial_out=self.dial_out,
        )
        return pb.WorkRequest(ready=ready)

    def sessions(self) -> list[grant_pb2.OpenSession]:
        """Write the sessions that it expects or holds."""
        told = self.admission.sessions()
        if self.dial_out:
            told = [replace(session, address="", relay="") for session in told]
        return [encode_open_session(session) for session in told]

    def told(self, address: str = "", relay: str = "") -> grant_pb2.Endpoint | None:
        """Write where a session is reached, or all of them; None where there is no such place."""
        if not (address or relay):
            address, relay = self.endpoint, self.relay
        if self.dial_out:
            address = relay = ""
        relays = () if relay else tuple(dict.fromkeys(self.relays.values()))
        if not (address or relay or relays or self.authority):
            return None
        return grant_pb2.Endpoint(address=address, relay=relay, authority=self.authority, relays=relays)
