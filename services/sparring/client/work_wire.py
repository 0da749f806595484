"""Messages of the Work stream between a worker's own words and the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import grant_pb2
from sparring.codec.version import encode_version
from sparring.types.holding import Admitted, OpenSession, Refused, SessionEvent, SessionEventKind, SessionState

_STATES = {
    SessionState.EXPECTED: grant_pb2.OpenSession.STATE_EXPECTED,
    SessionState.CONNECTED: grant_pb2.OpenSession.STATE_CONNECTED,
    SessionState.SUSPENDED: grant_pb2.OpenSession.STATE_SUSPENDED,
}
_KINDS = {
    SessionEventKind.OPEN: grant_pb2.SessionEvent.KIND_OPEN,
    SessionEventKind.ENDED: grant_pb2.SessionEvent.KIND_ENDED,
    SessionEventKind.LOST: grant_pb2.SessionEvent.KIND_LOST,
    SessionEventKind.HUNG: grant_pb2.SessionEvent.KIND_HUNG,
}
_KINDS_BACK = {number: kind for kind, number in _KINDS.items()}


def encode_sessions(sessions: Iterable[OpenSession]) -> list[grant_pb2.OpenSession]:
    """Write open sessions."""
    return [
        grant_pb2.OpenSession(token=one.token, state=_STATES[one.state], component=one.component, run=one.run)
        for one in sessions
    ]


def encode_ready(
    *,
    worker_id: str,
    incarnation: int,
    service: str,
    slots: int,
    slots_unlimited: bool,
    calls: int,
    sessions: Sequence[OpenSession],
    announcements: Sequence[tuple[str, str]],
    endpoint: str,
    labels: Mapping[str, str],
) -> pb.WorkRequest:
    """Write a registration."""
    ready = pb.Ready(
        version=encode_version(),
        worker_id=worker_id,
        incarnation=incarnation,
        service=service,
        slots=slots,
        slots_unlimited=slots_unlimited,
        calls=calls,
        sessions=encode_sessions(sessions),
        announcements=[pb.Announcement(name=name, role=role) for name, role in announcements],
        labels=dict(labels),
    )
    if endpoint:
        ready.endpoint.address = endpoint
    return pb.WorkRequest(ready=ready)


def encode_heartbeat(busy: Iterable[str], sessions: Sequence[OpenSession]) -> pb.WorkRequest:
    """Write a sign of life."""
    return pb.WorkRequest(heartbeat=pb.Heartbeat(busy_request_ids=busy, sessions=encode_sessions(sessions)))


def encode_offer_answer(token: str, answer: Admitted | Refused) -> pb.WorkRequest:
    """Write what came of an offer."""
    if isinstance(answer, Refused):
        return pb.WorkRequest(refused=pb.Refused(token=token, reason=answer.reason, message=answer.message))
    admitted = pb.Admitted(token=token)
    if answer.address:
        admitted.endpoint.address = answer.address
    return pb.WorkRequest(admitted=admitted)


def encode_session_ended(event: SessionEvent) -> pb.WorkRequest:
    """Write the end of a session."""
    return pb.WorkRequest(session_ended=pb.SessionEnded(event=encode_event(event)))


def encode_event(event: SessionEvent) -> grant_pb2.SessionEvent:
    """Write what became of a session."""
    return grant_pb2.SessionEvent(
        token=event.token, kind=_KINDS[event.kind], reason=event.reason, message=event.message
    )


def decode_event(message: grant_pb2.SessionEvent) -> SessionEvent:
    """Read what became of a session; a kind that is not known here counts as OPEN, which changes nothing."""
    kind = _KINDS_BACK.get(message.kind, SessionEventKind.OPEN)
    return SessionEvent(message.token, kind, message.reason, message.message)


def call_metadata(entries: Iterable[pb.MetadataEntry]) -> list[tuple[str, str | bytes]]:
    """Read the metadata of a forwarded call, as gRPC takes it."""
    return [
        (entry.key, entry.value if entry.key.endswith("-bin") else entry.value.decode("ascii", "replace"))
        for entry in entries
    ]


def encode_failure(request_id: str, code: grpc.StatusCode, message: str, details: bytes) -> pb.WorkRequest:
    """Write the end of a call that failed."""
    number: int = code.value[0]
    return pb.WorkRequest(failure=pb.Failure(request_id=request_id, code=number, message=message, details=details))
