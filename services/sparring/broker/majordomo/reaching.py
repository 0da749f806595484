"""The ways to a session: which of them its holder is told."""

from __future__ import annotations

from dataclasses import replace

from sparring.broker.majordomo.messages import Endpoint
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.session import Session


def granted_endpoint(session: Session, rules: Rules) -> Endpoint:
    """Return where the holder of a session is sent: to its worker, else to our relay, as the rules say."""
    found = session.endpoint or Endpoint("")
    if not rules.relay or found.relay:
        return found
    if rules.relay_always and session.reported:
        return Endpoint("", rules.relay, found.authority or found.address.rpartition(":")[0].strip("[]"))
    return replace(found, relay=rules.relay)
