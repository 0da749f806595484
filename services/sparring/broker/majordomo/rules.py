"""The rates, patience and bounds of one broker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

RESERVED_PREFIX: Final = "mmi."

_LEAD_S: Final = 0.05
_LEAD_SHARE: Final = 0.0125
"""Who waits in vain is told so this long, and this share of its time, before its deadline: after it nobody hears. gRPC
rounds what it says of a deadline, by up to one per cent, and to the later side."""

_SERVICE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,127}")


def valid_service_name(name: str) -> bool:
    """Return whether a service may be called so: letters, digits and `._/:-`, at most 128, a letter or digit first."""
    return _SERVICE_NAME.fullmatch(name) is not None


def reserved_service_name(name: str) -> bool:
    """Return whether the name belongs to the broker itself (RFC 8/MMI)."""
    return name.startswith(RESERVED_PREFIX)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a broker allows. Times are in seconds, sizes in bytes.

    Attributes:
        heartbeat_s: a side that sent nothing for this long sends a heartbeat.
        liveness: after so many silent intervals the other side is lost.
        ready_s: patience for a new stream's Ready.
        service_wait_s: how long a call waits for a service without a worker.
        call_wait_s: how long a call without a deadline waits for a busy service.
        max_attempts: how many workers a retry-safe call is given to, at most.
        max_queued_calls: per service; one more is refused.
        max_queued_calls_per_client: per service and client; one more is refused.
        max_queued_bytes: bodies of all queued calls together.
        resend_grace_s: how long a named call goes on without a caller, who may be about to send it again.
        resend_s: how long the outcome of a named call is kept for a resend.
        max_resends: outcomes kept at most.
        max_resend_bytes: size of one kept outcome at most, and a 64th of all of them together.
        offer_s: patience for the answer to an offer.
        grant_s: how long a grant is good before it is used, unless the request says something else.
        max_grant_s: what a request may say at most.
        bundle_wait_s: how long a bundle without a deadline waits.
        max_bundles: that wait, in all.
        max_bundles_per_client: that wait, per client.
        max_bundle_slots: of one bundle.
        max_sessions_per_worker: that a worker may list, and that are kept for one with unlimited slots.
        detached_s: how long sessions of a worker that left for draining are remembered.
        memory_s: how long ended sessions, released tokens and fenced requests are remembered.
        max_memories: of each kind.
        max_services: with a name known here.
        max_workers: registered at once.
        max_watched_tokens: of one watch.
        relay: host:port of this broker's relay; empty if there is none.
        relay_always: sessions go through the relay even where they are reached directly. Not those of workers with
            unlimited slots, of which a restarted broker would not know.
    """

    heartbeat_s: float = 2.5
    liveness: int = 3
    ready_s: float = 10.0
    service_wait_s: float = 30.0
    call_wait_s: float = 3600.0
    max_attempts: int = 3
    max_queued_calls: int = 2048
    max_queued_calls_per_client: int = 256
    max_queued_bytes: int = 256 * 2**20
    resend_grace_s: float = 7.5
    resend_s: float = 600.0
    max_resends: int = 10_000
    max_resend_bytes: int = 2**20
    offer_s: float = 5.0
    grant_s: float = 30.0
    max_grant_s: float = 3600.0
    bundle_wait_s: float = 3600.0
    max_bundles: int = 1024
    max_bundles_per_client: int = 256
    max_bundle_slots: int = 256
    max_sessions_per_worker: int = 10_000
    detached_s: float = 3600.0
    memory_s: float = 600.0
    max_memories: int = 10_000
    max_services: int = 1024
    max_workers: int = 10_000
    max_watched_tokens: int = 10_000
    relay: str = ""
    relay_always: bool = False

    @property
    def lease_s(self) -> float:
        """How long a silent peer is believed alive."""
        return self.heartbeat_s * self.liveness

    def patience(self, deadline: float | None, wait_s: float, now: float) -> float:
        """Return until when somebody may wait for a worker or slot.

        Args:
            deadline: when it stops waiting by itself; None means never.
            wait_s: how long it waits then.
            now: the time.
        """
        if deadline is None:
            return now + wait_s
        time_s = max(0.0, deadline - now)
        return deadline - min(_LEAD_S + _LEAD_SHARE * time_s, time_s / 10)
