"""Between the messages of the Work stream and those of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import grant_pb2
from sparring.broker.majordomo.messages import (
    Admitted,
    Alive,
    Announcement,
    Beat,
    Cancel,
    Disconnect,
    Endpoint,
    EventKind,
    Failure,
    Final,
    FromWorker,
    Leaving,
    Offer,
    OpenSession,
    Partial,
    Ready,
    Refused,
    Request,
    SessionEnded,
    SessionEvent,
    SessionState,
    ToWorker,
    Welcome,
    Withdraw,
)
from sparring.broker.majordomo.rules import Rules
from sparring.codec.version import check_version, encode_version
from sparring.types.errors import InvalidArgumentError

CAPABILITIES = ("bundle", "forward", "resend")
_MAX_SESSIONS = 10_000
_MAX_CODE = 16
_MAX_RELAYS = 64


def decode_from_worker(message: pb.WorkRequest) -> FromWorker:
    """Read what a worker sent.

    Raises:
        InvalidArgumentError: MESSAGE_INVALID.
        FailedPreconditionError: VERSION_MISMATCH.
    """
    kind = message.WhichOneof("kind")
    if kind is None:
        raise _invalid("nothing that is known here is set in it")
    return _DECODERS[kind](getattr(message, kind))


def _decode_ready(message: pb.Ready) -> Ready:
    check_version(message.version, f"Worker {message.worker_id[:64]!r}")
    return Ready(
        worker_id=message.worker_id,
        incarnation=message.incarnation,
        service=message.service,
        slots=message.slots,
        slots_unlimited=message.slots_unlimited,
        calls=message.calls,
        sessions=_decode_sessions(message.sessions),
        announcements=tuple(Announcement(each.name, each.role) for each in message.announcements),
        endpoint=_decode_endpoint(message.endpoint),
        labels=dict(message.labels),
        dial_out=message.dial_out,
    )


def _decode_sessions(messages: Iterable[grant_pb2.OpenSession]) -> tuple[OpenSession, ...]:
    sessions = tuple(
        OpenSession(
            each.token,
            _STATES.get(each.state, SessionState.CONNECTED),
            each.component,
            each.run,
            _decode_endpoint(each.endpoint),
        )
        for each in messages
    )
    if len(sessions) > _MAX_SESSIONS:
        raise _invalid(f"it lists {len(sessions)} sessions, and {_MAX_SESSIONS} is the most")
    if any(not session.token for session in sessions):
        raise _invalid("it lists a session without a token")
    return sessions


def _decode_endpoint(message: grant_pb2.Endpoint) -> Endpoint | None:
    if not (message.address or message.relay or message.authority or message.relays):
        return None
    if len(message.relays) > _MAX_RELAYS:
        raise _invalid(f"it names {len(message.relays)} relays, and {_MAX_RELAYS} is the most")
    return Endpoint(message.address, message.relay, message.authority, tuple(message.relays))


def _decode_failure(message: pb.Failure) -> Failure:
    if not 0 < message.code <= _MAX_CODE:
        raise _invalid(f"{message.code} is not the code of a failure (1 to {_MAX_CODE})")
    return Failure(message.request_id, message.code, message.message, message.details)


def _decode_session_ended(message: pb.SessionEnded) -> SessionEnded:
    event = message.event
    kind = _KINDS.get(event.kind, EventKind.OPEN)
    if kind is EventKind.OPEN or not event.token:
        raise _invalid("a session ends under its token, as ENDED, LOST or HUNG")
    return SessionEnded(SessionEvent(event.token, kind, event.reason, event.message))


def _decode_disconnect(message: pb.Disconnect) -> Disconnect:
    return Disconnect(_REASONS.get(message.reason, Leaving.UNEXPECTED), message.message)


_STATES = {state.value: state for state in SessionState}
_KINDS = {kind.value: kind for kind in EventKind}
_REASONS = {reason.value: reason for reason in Leaving}

_DECODERS: dict[str, Callable[[Any], FromWorker]] = {
    "ready": _decode_ready,
    "heartbeat": lambda message: Alive(tuple(message.busy_request_ids), _decode_sessions(message.sessions)),
    "partial": lambda message: Partial(message.request_id, message.body),
    "final": lambda message: Final(message.request_id, message.body if message.HasField("body") else None),
    "failure": _decode_failure,
    "disconnect": _decode_disconnect,
    "admitted": lambda message: Admitted(message.token, _decode_endpoint(message.endpoint)),
    "refused": lambda message: Refused(message.token, message.reason, message.message),
    "session_ended": _decode_session_ended,
}


def _invalid(why: str) -> InvalidArgumentError:
    return InvalidArgumentError("MESSAGE_INVALID", f"This message from a worker cannot be used: {why}.")


class Inviting(Protocol):
    """A relay, as far as the holder of a lease is told of it."""

    def invite(self, lease_id: str) -> pb.Relay:
        """Write how spare connections are kept there."""


class ToWorkerEncoder:
    """Writes what a broker tells its workers."""

    def __init__(
        self,
        rules: Rules,
        broker_id: str,
        wall_time: Callable[[float], float],
        relay: Inviting | None = None,
    ) -> None:
        """Prepare.

        Args:
            rules: the rates to be announced.
            broker_id: name of this broker's life.
            wall_time: turns a time of the rules into seconds since 1970.
            relay: invites workers to keep spare connections; None if there is none.
        """
        self._rules = rules
        self._broker_id = broker_id
        self._wall_time = wall_time
        self._relay = relay
        self._encoders: dict[type, Callable[[Any], pb.WorkResponse]] = {
            Welcome: self._welcome,
            Request: _encode_request,
            Cancel: lambda message: pb.WorkResponse(cancel=pb.Cancel(request_id=message.request_id)),
            Beat: lambda message: pb.WorkResponse(heartbeat=pb.Heartbeat()),
            Offer: self._offer,
            Withdraw: lambda message: pb.WorkResponse(withdraw=pb.Withdraw(token=message.token)),
            Disconnect: _encode_disconnect,
        }

    def encode(self, message: ToWorker) -> pb.WorkResponse:
        """Write one message."""
        return self._encoders[type(message)](message)

    def _welcome(self, message: Welcome) -> pb.WorkResponse:
        welcome = pb.Welcome(
            version=encode_version(),
            capabilities=CAPABILITIES,
            lease_id=message.lease_id,
            rates=encode_rates(self._rules),
            broker_id=self._broker_id,
            relay=None if self._relay is None else self._relay.invite(message.lease_id),
        )
        return pb.WorkResponse(welcome=welcome)

    def _offer(self, message: Offer) -> pb.WorkResponse:
        offer = pb.Offer(token=message.token, component=message.component, run=message.run)
        offer.expires.FromNanoseconds(int(self._wall_time(message.expires) * 1e9))
        return pb.WorkResponse(offer=offer)


def encode_rates(rules: Rules) -> grant_pb2.Rates:
    """Write the rates."""
    rates = grant_pb2.Rates(liveness=rules.liveness)
    rates.heartbeat_interval.FromNanoseconds(int(rules.heartbeat_s * 1e9))
    return rates


def _encode_request(message: Request) -> pb.WorkResponse:
    request = pb.Request(
        request_id=message.request_id,
        method=message.method,
        metadata=[pb.MetadataEntry(key=key, value=value) for key, value in message.metadata],
        attempt=message.attempt,
        body=message.body,
    )
    if message.timeout_s is not None:
        request.timeout.FromNanoseconds(int(message.timeout_s * 1e9))
    return pb.WorkResponse(request=request)


def _encode_disconnect(message: Disconnect) -> pb.WorkResponse:
    disconnect = pb.Disconnect(reason=pb.Disconnect.Reason.Name(message.reason.value), message=message.message)
    if message.retry_after_s:
        disconnect.retry_after.FromNanoseconds(int(message.retry_after_s * 1e9))
    return pb.WorkResponse(disconnect=disconnect)
