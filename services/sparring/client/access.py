"""How this process reaches others: its token and TLS material, and the channel to where a session is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sparring.client.ways import WAYS, proxy_name
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.step_stream import Metadata, StepChannel
from sparring.rpc.sync_channels import SyncChannel, open_sync_channel
from sparring.rpc.tls import Tls
from sparring.rpc.tokens import token_metadata
from sparring.types.errors import InvalidArgumentError
from sparring.types.plan import Grant, Inline, Place

SESSION_KEY = "sparring-session"


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


def session_metadata(session: str) -> tuple[str, str]:
    """Return the metadata that names a session to whoever looks at streams from outside."""
    return (SESSION_KEY, session)


def relay_of(grant: Grant) -> tuple[str, str] | None:
    """Return target and HTTP proxy of a session that is reached through a relay; None where it is reached directly.

    The session's name is the CONNECT target, and the token its proxy credential.
    """
    if WAYS.chosen(grant).relay:
        return grant.token, f"http://session:{grant.token}@{proxy_name((grant.relay, *grant.relays))}"
    return None


def connect(place: Place, session: str, access: Access) -> StepChannel:
    """Prepare the connection of step streams to a place; it is made by the first one.

    Raises:
        InvalidArgumentError: PLACE_INVALID, there is no address, or the place is this process itself.
    """
    metadata = (*access.metadata, session_metadata(session))
    credentials = None if access.tls is None else access.tls.channel_credentials()
    if isinstance(place, Grant) and (relay := relay_of(place)) is not None:
        target, proxy = relay
        options = _certified(place, access)
        return StepChannel(target, metadata=metadata, credentials=credentials, http_proxy=proxy, options=options)
    if isinstance(place, Inline):
        raise InvalidArgumentError("PLACE_INVALID", "What runs inline is in this process; no stream leads there.")
    if not place.address:
        raise _nowhere(session)
    return StepChannel(place.address, metadata=metadata, credentials=credentials)


def open_session_channel(grant: Grant, access: Access) -> Channel:
    """Open an asyncio channel to a granted session.

    Raises:
        InvalidArgumentError: PLACE_INVALID, there is neither an address nor a relay.
    """
    target, options = _reach(grant, access)
    return open_channel(target, token=access.token, tls=access.tls, retries=False, options=options)


def open_session_sync_channel(grant: Grant, access: Access) -> SyncChannel:
    """Open a channel for threads to a granted session; see `open_session_channel`."""
    target, options = _reach(grant, access)
    return open_sync_channel(target, token=access.token, tls=access.tls, retries=False, options=options)


def _reach(grant: Grant, access: Access) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the target and the channel arguments that lead to a session."""
    relay = relay_of(grant)
    if relay is not None:
        return relay[0], (("grpc.http_proxy", relay[1]), *_certified(grant, access))
    if not grant.address:
        raise _nowhere(grant.token)
    return grant.address, ()


def _certified(grant: Grant, access: Access) -> tuple[tuple[str, str], ...]:
    """Expect the worker's own certificate behind a relay, where a session's name is the target."""
    name = WAYS.chosen(grant).authority if access.tls is not None else ""
    return (("grpc.ssl_target_name_override", name),) if name else ()


def _nowhere(session: str) -> InvalidArgumentError:
    return InvalidArgumentError("PLACE_INVALID", f"The session {session[:8]}... has neither an address nor a relay.")
