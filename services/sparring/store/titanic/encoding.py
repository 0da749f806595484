"""Jobs between the store's models and messages; RFC 9's status codes."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from sparring.api.store.v1 import job_pb2
from sparring.api.store.v1 import titanic_service_pb2 as pb
from sparring.store.encoding.runs import encode_time
from sparring.store.titanic.job import Failure, Job, Order, State
from sparring.store.titanic.jobs import Reply
from sparring.types.errors import ExhaustedError, SparringError

_STATE: dict[State, job_pb2.Job.State] = {
    state: getattr(job_pb2.Job, f"STATE_{state.name}") for state in State if state is not State.CLOSED
}
_DEFAULT = Order("", "", b"")


def decode_order(message: pb.SubmitJobRequest) -> Order:
    """Read a request to be kept."""
    return Order(
        service=message.service,
        method=message.method,
        body=message.body,
        client_token=message.client_token,
        label=message.label,
        timeout_ns=_nanoseconds(message.timeout, message.HasField("timeout"), _DEFAULT.timeout_ns),
        max_attempts=message.max_attempts or _DEFAULT.max_attempts,
        keep_ns=_nanoseconds(message.time_to_live, message.HasField("time_to_live"), _DEFAULT.keep_ns),
    )


def encode_submitted(job: Job) -> pb.SubmitJobResponse:
    """Write the name of a job that is durable."""
    return pb.SubmitJobResponse(status=job_pb2.TITANIC_STATUS_OK, job=job.job)


def encode_refused(error: SparringError) -> pb.SubmitJobResponse:
    """Write why a request is not kept: no room now, or never."""
    later = isinstance(error, ExhaustedError)
    status = job_pb2.TITANIC_STATUS_ERROR if later else job_pb2.TITANIC_STATUS_UNKNOWN
    return pb.SubmitJobResponse(status=status, reason=error.reason, message=error.message)


def encode_reply(reply: Reply) -> pb.FetchReplyResponse:
    """Write a reply, or why there is none."""
    job = reply.job
    failure = None if job.failure is None else _encode_failure(job.failure)
    if job.state is State.ANSWERED:
        return pb.FetchReplyResponse(status=job_pb2.TITANIC_STATUS_OK, body=reply.body, failure=failure)
    if job.state is State.FAILED:
        message = job.failure.message if job.failure else ""
        return pb.FetchReplyResponse(status=job_pb2.TITANIC_STATUS_ERROR, failure=failure, message=message)
    if job.state is State.CANCELLED:
        return pb.FetchReplyResponse(status=job_pb2.TITANIC_STATUS_UNKNOWN, message="It was cancelled.")
    text = f"No worker of {job.service} is registered." if job.state is State.WAITING else f"It is {job.state}."
    return pb.FetchReplyResponse(status=job_pb2.TITANIC_STATUS_PENDING, message=text)


def encode_job(job: Job) -> job_pb2.Job:
    """Write a job."""
    return job_pb2.Job(
        job=job.job,
        service=job.service,
        method=job.method,
        label=job.label,
        state=_STATE[job.state],
        attempts=job.attempts,
        max_attempts=job.max_attempts,
        created=encode_time(job.created_ns),
        ended=None if job.ended_ns is None else encode_time(job.ended_ns),
        expires=encode_time(job.expires_ns),
        failure=None if job.failure is None else _encode_failure(job.failure),
    )


def _encode_failure(failure: Failure) -> job_pb2.JobFailure:
    return job_pb2.JobFailure(code=failure.code, message=failure.message, details=failure.details)


def _nanoseconds(duration: Duration, given: bool, otherwise: int) -> int:
    return duration.ToNanoseconds() if given else otherwise
