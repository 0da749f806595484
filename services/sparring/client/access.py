"""How this process reaches others: its token and TLS material, and the step channel to where a session is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sparring.rpc.step_stream import Metadata, StepChannel
from sparring.rpc.tls import Tls
from sparring.rpc.tokens import token_metadata
from sparring.types.errors import InvalidArgumentError
from sparring.types.plan import FixedAddress, Grant, Inline, Place

SESSION_KEY = "sparring-session"
"""Metadata that names a session to whoever looks at streams from outside."""


@dataclass(frozen=True, repr=False)
class Access:
    """What this process shows where it calls.

    Attributes:
        token: The shared token; None where there is none.
        tls: None speaks plaintext.
    """

    token: str | None = None
    tls: Tls | None = None

    @property
    def metadata(self) -> Metadata:
        """The metadata that shows the token."""
        return () if self.token is None else (token_metadata(self.token),)


NO_ACCESS = Access()


def session_token(place: Place) -> str:
    """Return the name of a session at a place: the granted token, or 128 random bits where nobody granted it."""
    return place.token if isinstance(place, Grant) else secrets.token_hex(16)


def connect(place: Place, session: str, access: Access) -> StepChannel:
    """Prepare the connection to a place; it is made by its first stream.

    Behind a relay the session's name is the CONNECT target, and the token its proxy credential.

    Raises:
        InvalidArgumentError: PLACE_INVALID, there is no address, or the place is this process itself.
    """
    metadata = (*access.metadata, (SESSION_KEY, session))
    credentials = None if access.tls is None else access.tls.channel_credentials()
    match place:
        case Grant(relay=relay) if relay:
            proxy = f"http://session:{place.token}@{relay}"
            return StepChannel(session, metadata=metadata, credentials=credentials, http_proxy=proxy)
        case Grant(address=address) | FixedAddress(address=address) if address:
            return StepChannel(address, metadata=metadata, credentials=credentials)
        case Inline():
            raise InvalidArgumentError("PLACE_INVALID", "What runs inline is in this process; no stream leads there.")
    raise InvalidArgumentError("PLACE_INVALID", f"The session {session[:8]}... has neither an address nor a relay.")
