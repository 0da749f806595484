"""Between what clients and observers send or get and what the rules know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from google.protobuf.duration_pb2 import Duration

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import grant_pb2, management_service_pb2
from sparring.broker.majordomo.bundle import Acquisition, Want
from sparring.broker.majordomo.call import Submission
from sparring.broker.majordomo.effects import Grant, Granted, Waiting
from sparring.broker.majordomo.messages import Endpoint, SessionEvent
from sparring.broker.majordomo.status import ServiceStatus, WorkerStatus
from sparring.types.errors import InvalidArgumentError

SERVICE_KEY: Final = "sparring-service"
"""Metadata: the service that a forwarded call is for."""
CLIENT_ID_KEY: Final = "sparring-client-id"
"""Metadata: who asks; by default each connection is a client of its own."""
REQUEST_NAME_KEY: Final = "sparring-request-id"
"""Metadata: the client's own name for a forwarded call, `client_request_id` of an MDP call."""
RETRY_SAFE_KEY: Final = "sparring-retry-safe"
"""Metadata: `true` if a forwarded call may be given to another worker when one is lost in the middle."""

MAX_BODY_BYTES: Final = 64 * 2**20 - 64 * 2**10
"""Largest body of a call: it travels to the worker in an envelope, and both together have 64 MiB."""

_MAX_NAME: Final = 256
_OWN_KEYS: Final = frozenset({SERVICE_KEY, "authorization", "user-agent", "te", "content-type", "host", "connection"})

Metadata = Iterable[tuple[str, str | bytes]]


def decode_metadata(metadata: Metadata) -> tuple[tuple[str, bytes], ...]:
    """Return what goes on to the worker: not what belongs to this hop, such as the token shown to the broker."""
    return tuple(
        (key, value if isinstance(value, bytes) else value.encode("utf-8", "replace"))
        for key, value in metadata
        if key not in _OWN_KEYS and not key.startswith("grpc-")
    )


def decode_forwarded(
    caller: int, method: str, body: bytes, metadata: Metadata, peer: str, deadline: float | None
) -> Submission:
    """Read a call that is to be forwarded.

    Args:
        caller: the peer of the rules that waits for it.
        method: full gRPC method.
        body: the request, as it came.
        metadata: of the call.
        peer: the connection it came on; who asks, unless the metadata says it.
        deadline: on the clock of the rules.

    Raises:
        InvalidArgumentError: NAME_TOO_LONG or MESSAGE_TOO_LARGE.
    """
    values = {key: value for key, value in metadata if isinstance(value, str)}
    return _checked(
        Submission(
            caller=caller,
            service=values[SERVICE_KEY],
            body=body,
            client_id=values.get(CLIENT_ID_KEY) or peer,
            deadline=deadline,
            method=method,
            metadata=decode_metadata(metadata),
            name=values.get(REQUEST_NAME_KEY, ""),
            retry_safe=values.get(RETRY_SAFE_KEY) == "true",
        )
    )


def decode_call(
    caller: int, message: pb.CallRequest, metadata: Metadata, peer: str, deadline: float | None
) -> Submission:
    """Read an MDP call; arguments and errors as above."""
    return _checked(
        Submission(
            caller=caller,
            service=message.service,
            body=message.body,
            client_id=message.client_id or peer,
            deadline=deadline,
            metadata=decode_metadata(metadata),
            name=message.client_request_id,
            retry_safe=message.retry_safe,
        )
    )


def _checked(sent: Submission) -> Submission:
    if max(len(sent.client_id), len(sent.name)) > _MAX_NAME:
        raise InvalidArgumentError(
            "NAME_TOO_LONG", f"Names of clients and requests have at most {_MAX_NAME} characters.", limit=_MAX_NAME
        )
    size = len(sent.body) + sum(len(key) + len(value) for key, value in sent.metadata)
    if size > MAX_BODY_BYTES:
        raise InvalidArgumentError(
            "MESSAGE_TOO_LARGE",
            f"This call has {size} bytes; at most {MAX_BODY_BYTES} can be forwarded. Send it in parts.",
            size_bytes=size,
            limit_bytes=MAX_BODY_BYTES,
        )
    return sent


def decode_acquisition(asker: int, message: pb.AcquireRequest, peer: str, deadline: float | None) -> Acquisition:
    """Read what bundle a client asks for."""
    lifetime = message.grant_lifetime.ToNanoseconds() / 1e9 if message.HasField("grant_lifetime") else None
    return Acquisition(
        asker=asker,
        client_id=message.client_id[:_MAX_NAME] or peer,
        wants=tuple(Want(slot.label, slot.service, slot.component) for slot in message.bundle.slots),
        run=message.run,
        at_head=message.at_head,
        grant_s=lifetime,
        deadline=deadline,
    )


def encode_waiting(waiting: Waiting) -> pb.AcquireResponse:
    """Write a place in the queue."""
    return pb.AcquireResponse(waiting=pb.Waiting(position=waiting.position, lacking=waiting.lacking))


def encode_granted(granted: Granted, wall_time: Callable[[float], float]) -> pb.AcquireResponse:
    """Write the grants; `wall_time` turns a time of the rules into seconds since 1970."""
    response = pb.AcquireResponse(granted=pb.Granted())
    for label, grant in granted.grants.items():
        response.granted.grants[label].CopyFrom(_encode_grant(grant, wall_time))
    return response


def _encode_grant(grant: Grant, wall_time: Callable[[float], float]) -> grant_pb2.Grant:
    message = grant_pb2.Grant(
        token=grant.token,
        worker_id=grant.worker_id,
        service=grant.service,
        endpoint=encode_endpoint(grant.endpoint),
    )
    message.expires.FromNanoseconds(int(wall_time(grant.expires) * 1e9))
    return message


def encode_endpoint(endpoint: Endpoint) -> grant_pb2.Endpoint:
    """Write where something is reached."""
    return grant_pb2.Endpoint(
        address=endpoint.address, relay=endpoint.relay, authority=endpoint.authority, relays=endpoint.relays
    )


def encode_event(event: SessionEvent) -> pb.WatchSessionsResponse:
    """Write what became of a session."""
    kind = grant_pb2.SessionEvent.Kind.Name(event.kind.value)
    message = grant_pb2.SessionEvent(token=event.token, kind=kind, reason=event.reason, message=event.message)
    return pb.WatchSessionsResponse(event=message)


def encode_service(status: ServiceStatus) -> management_service_pb2.ServiceStatus:
    """Write one service as the broker sees it."""
    return management_service_pb2.ServiceStatus(
        name=status.name,
        workers=[_encode_worker(worker) for worker in status.workers],
        queued_calls=status.queued_calls,
        queued_bundles=status.queued_bundles,
        oldest_wait=_duration(status.oldest_wait_s),
    )


def _encode_worker(status: WorkerStatus) -> management_service_pb2.WorkerStatus:
    ready = status.ready
    endpoint = None
    if ready.endpoint is not None:
        endpoint = grant_pb2.Endpoint(address=ready.endpoint.address, relay=ready.endpoint.relay)
    return management_service_pb2.WorkerStatus(
        worker_id=ready.worker_id,
        slots=ready.slots,
        slots_unlimited=ready.slots_unlimited,
        sessions=[
            grant_pb2.OpenSession(
                token=session.token,
                state=grant_pb2.OpenSession.State.Name(session.state.value),
                component=session.component,
                run=session.run,
            )
            for session in status.sessions
        ],
        calls=ready.calls,
        busy_calls=status.busy_calls,
        silent=_duration(status.silent_s),
        endpoint=endpoint,
        labels=dict(ready.labels),
        announcements=[pb.Announcement(name=each.name, role=each.role) for each in ready.announcements],
        lease_id=status.lease_id,
        lease_left=_duration(status.lease_left_s),
    )


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(int(max(0.0, seconds) * 1e9))
    return duration
