"""The ways to a session: which of them its holder is told."""

from __future__ import annotations

from dataclasses import replace

from sparring.broker.majordomo.messages import Endpoint
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.session import Session
from sparring.broker.majordomo.worker import Worker


def can_be_reached(session: Session, worker: Worker, rules: Rules) -> bool:
    """Tell whether there is a way to a session."""
    found = session.endpoint
    return bool((found and (found.address or found.relay)) or (rules.relay and worker.ready.dial_out))


def granted_endpoint(session: Session, rules: Rules) -> Endpoint:
    """Return where the holder of a session is sent: to its worker, else to our relay, as the rules say."""
    found = session.endpoint or Endpoint("")
    if not rules.relay or found.relay:
        return found
    # A session that its worker does not list is known to no other broker.
    others = tuple(relay for relay in found.relays if relay != rules.relay) if session.reported else ()
    if rules.relay_always and session.reported:
        return Endpoint("", rules.relay, found.authority or found.address.rpartition(":")[0].strip("[]"), others)
    return replace(found, relay=rules.relay, relays=others)
