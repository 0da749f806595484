"""Runs, their events, phases and submissions between the store's models and messages."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import decode_mode, encode_mode
from sparring.store.phases import PhaseSummary
from sparring.store.runs import Run, RunEvent, State, Status, Submission, Transition, Wish
from sparring.types.errors import InvalidArgumentError

DEFAULT_LEASE_NS = 15_000_000_000

_STATUS = {status: getattr(run_pb2.Run, f"STATUS_{status.name}") for status in Status}
_STATE = {state: getattr(run_pb2.Run, f"STATE_{state.name}") for state in State}
_STATUS_BACK = {number: status for status, number in _STATUS.items()}
_STATE_BACK = {number: state for state, number in _STATE.items()}
_WISH_BACK = {getattr(pb.RequestRunRequest, f"WISH_{wish.name}"): wish for wish in Wish}


def encode_time(time_ns: int) -> Timestamp:
    """Write a time."""
    stamp = Timestamp()
    stamp.FromNanoseconds(time_ns)
    return stamp


def encode_run(run: Run) -> run_pb2.Run:
    """Write a run."""
    return run_pb2.Run(
        run=run.run,
        uid=run.uid,
        status=_STATUS[run.status],
        state=_STATE[run.state],
        phase=run.phase,
        governor=run.governor,
        epoch=run.epoch,
        lease_until=encode_time(run.lease_until_ns) if run.governor else None,
        revision=run.revision,
        created=encode_time(run.created_ns),
        ended=None if run.ended_ns is None else encode_time(run.ended_ns),
        seed=run.seed,
        error_reason=run.error_reason,
        error_message=run.error_message,
        digest=run.digest,
        evaluation_digest=run.evaluation_digest,
        deterministic=run.deterministic,
        cancel_requested=run.cancel_requested,
        pause_requested=run.pause_requested,
    )


def encode_event(event: RunEvent) -> run_pb2.RunEvent:
    """Write an event that is no commit."""
    return run_pb2.RunEvent(
        revision=event.run.revision,
        time=encode_time(event.time_ns),
        run=encode_run(event.run),
        message=event.message,
    )


def encode_phase(phase: PhaseSummary) -> run_pb2.PhaseSummary:
    """Write what a phase came to."""
    return run_pb2.PhaseSummary(
        phase=phase.phase,
        name=phase.name,
        mode=encode_mode(phase.mode),
        episodes=phase.episodes,
        steps=phase.steps,
        steps_per_second=phase.steps_per_second,
        mean_return=phase.mean_return,
        sealed=phase.sealed,
    )


def decode_submission(message: pb.CreateRunRequest) -> Submission:
    """Read a submission.

    Raises:
        InvalidArgumentError: CLIENT_TOKEN_MISSING.
    """
    if not message.client_token:
        raise InvalidArgumentError(
            "CLIENT_TOKEN_MISSING", "CreateRun needs a client_token, so that it can be sent twice and makes one run."
        )
    return Submission(
        client_token=message.client_token,
        uid=message.uid,
        document=message.document,
        file_name=message.file_name,
        seed=message.seed,
        placement=message.placement,
        fingerprint=message.fingerprint,
        deterministic=message.deterministic,
    )


def decode_transition(message: pb.RecordTransitionRequest) -> Transition:
    """Read a transition.

    Raises:
        InvalidArgumentError: TRANSITION_MALFORMED, a state or status that this side does not know.
    """
    if message.state not in _STATE_BACK or message.status not in _STATUS_BACK:
        raise InvalidArgumentError(
            "TRANSITION_MALFORMED", f"A transition to state {message.state}, status {message.status} is not known here."
        )
    return Transition(
        epoch=message.epoch,
        ordinal=message.ordinal,
        state=_STATE_BACK[message.state],
        status=_STATUS_BACK[message.status],
        phase=message.phase,
        phase_name=message.phase_name,
        mode=decode_mode(message.mode),
        message=message.message,
        error_reason=message.error_reason,
        error_message=message.error_message,
    )


def decode_wish(message: pb.RequestRunRequest) -> Wish:
    """Read a wish.

    Raises:
        InvalidArgumentError: WISH_UNKNOWN.
    """
    if message.wish not in _WISH_BACK:
        raise InvalidArgumentError("WISH_UNKNOWN", f"The wish {message.wish} is not known; cancel, pause or resume.")
    return _WISH_BACK[message.wish]


def decode_lease_ns(message: Duration | None) -> int:
    """Read a lease; none, or none that makes sense, is 15 s."""
    lease_ns = message.ToNanoseconds() if message is not None else 0
    return lease_ns if lease_ns > 0 else DEFAULT_LEASE_NS
