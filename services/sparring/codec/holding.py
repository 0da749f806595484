"""Sessions as hosts, holders and the broker speak of them, between plain values and the wire."""

from __future__ import annotations

from sparring.api.broker.v1 import grant_pb2 as pb
from sparring.types.holding import OpenSession, SessionEvent, SessionEventKind, SessionState

_STATES = {
    SessionState.EXPECTED: pb.OpenSession.STATE_EXPECTED,
    SessionState.CONNECTED: pb.OpenSession.STATE_CONNECTED,
    SessionState.SUSPENDED: pb.OpenSession.STATE_SUSPENDED,
}
_STATES_BACK = {number: state for state, number in _STATES.items()}
_KINDS = {
    SessionEventKind.OPEN: pb.SessionEvent.KIND_OPEN,
    SessionEventKind.ENDED: pb.SessionEvent.KIND_ENDED,
    SessionEventKind.LOST: pb.SessionEvent.KIND_LOST,
    SessionEventKind.HUNG: pb.SessionEvent.KIND_HUNG,
}
_KINDS_BACK = {number: kind for kind, number in _KINDS.items()}


def encode_open_session(session: OpenSession) -> pb.OpenSession:
    """Write a session that a host expects or holds."""
    message = pb.OpenSession(
        token=session.token, state=_STATES[session.state], component=session.component, run=session.run
    )
    if session.address or session.relay:
        message.endpoint.address, message.endpoint.relay = session.address, session.relay
    return message


def decode_open_session(message: pb.OpenSession) -> OpenSession:
    """Read a session that a host holds; an unknown state is as good as connected."""
    state = _STATES_BACK.get(message.state, SessionState.CONNECTED)
    endpoint = message.endpoint
    return OpenSession(message.token, state, message.component, message.run, endpoint.address, endpoint.relay)


def encode_event(event: SessionEvent) -> pb.SessionEvent:
    """Write what became of a session."""
    return pb.SessionEvent(token=event.token, kind=_KINDS[event.kind], reason=event.reason, message=event.message)


def decode_event(message: pb.SessionEvent) -> SessionEvent:
    """Read what became of a session; an unknown kind, from a newer peer, says no more than that it is known."""
    kind = _KINDS_BACK.get(message.kind, SessionEventKind.OPEN)
    return SessionEvent(message.token, kind, message.reason, message.message)
