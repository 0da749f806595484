"""Typed client of Titanic (RFC 9/TSP): requests that are durable before they are acknowledged."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import grpc

from sparring.api.store.v1 import job_pb2
from sparring.api.store.v1 import titanic_service_pb2 as pb
from sparring.api.store.v1 import titanic_service_pb2_grpc as rpc
from sparring.client.service_calls import ServiceChannel
from sparring.rpc.retry import Backoff, retried
from sparring.rpc.status import from_status
from sparring.types.errors import (
    ExhaustedError,
    InternalError,
    InvalidArgumentError,
    LostError,
    NotFoundError,
    SparringError,
    UnavailableError,
)

AWAY: Final = Backoff(attempts=1000, first_s=0.1, most_s=2.0, budget_s=120.0)
"""How long broker and store may be away."""
_PASSING: Final = (UnavailableError, LostError, ExhaustedError)
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_OPEN: Final = (job_pb2.Job.STATE_QUEUED, job_pb2.Job.STATE_WAITING, job_pb2.Job.STATE_RUNNING)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request to be kept; fields as in SubmitJobRequest. Sent again with the same token it is the same job."""

    client_token: str
    service: str
    method: str
    body: bytes
    label: str = ""


class TitanicClient:
    """Titanic, wherever it runs; calls wait for a store or a broker that is away.

    Args:
        broker: a channel that somebody else owns.
        away: how long.
    """

    def __init__(self, broker: grpc.aio.Channel, away: Backoff = AWAY) -> None:
        self._stub: Any = rpc.TitanicServiceStub(ServiceChannel(broker, "store", retry_safe=True))
        self._away = away

    async def submit(self, wanted: Wanted) -> str:
        """Make a request durable; returns the name of the job.

        Raises:
            InvalidArgumentError: JOB_INVALID, TOKEN_REUSED.
            ExhaustedError: JOBS_FULL, for as long as a store may be away.
        """
        request = pb.SubmitJobRequest(
            client_token=wanted.client_token,
            service=wanted.service,
            method=wanted.method,
            body=wanted.body,
            label=wanted.label,
        )

        async def submitted() -> str:
            answer = await self._stub.SubmitJob(request)
            if answer.status == job_pb2.TITANIC_STATUS_OK:
                return str(answer.job)
            later = answer.status == job_pb2.TITANIC_STATUS_ERROR
            raise (ExhaustedError if later else InvalidArgumentError)(answer.reason, answer.message)

        return await retried(submitted, on=_PASSING, backoff=self._away)

    async def reply(self, job: str) -> bytes | None:
        """Return the reply; None while there is none.

        Raises:
            NotFoundError: JOB_UNKNOWN.
            SparringError: the worker refused, or the job was given up.
        """
        answer = await self._again(lambda: self._stub.FetchReply(pb.FetchReplyRequest(job=job)))
        if answer.HasField("failure"):
            raise failure_of(answer.failure)
        if answer.status == job_pb2.TITANIC_STATUS_PENDING:
            return None
        if answer.status == job_pb2.TITANIC_STATUS_OK:
            return bytes(answer.body)
        raise NotFoundError("JOB_UNKNOWN", f"There is no durable request {job}: {answer.message}", job=job)

    async def close(self, job: str) -> None:
        """Delete request and reply, if they are there."""
        await self._again(lambda: self._stub.CloseJob(pb.CloseJobRequest(job=job)))

    async def cancel(self, job: str) -> job_pb2.Job:
        """Give up a job that has no reply yet; returns it as it stands.

        Raises:
            NotFoundError: JOB_UNKNOWN.
        """
        answer = await self._again(lambda: self._stub.CancelJob(pb.CancelJobRequest(job=job)))
        if answer.status != job_pb2.TITANIC_STATUS_OK:
            raise NotFoundError("JOB_UNKNOWN", f"There is no durable request {job}.", job=job)
        cancelled: job_pb2.Job = answer.job
        return cancelled

    async def list_jobs(self, service: str = "", *, ended: bool = False) -> list[job_pb2.Job]:
        """Return jobs, newest first."""
        request = pb.ListJobsRequest(service=service, ended=ended)
        return list((await self._again(lambda: self._stub.ListJobs(request))).jobs)

    async def watch(self, job: str) -> AsyncIterator[job_pb2.Job]:
        """Yield a job as it stands, and after every change, until it has come to its end; goes on after an outage.

        Raises:
            NotFoundError: JOB_UNKNOWN.
        """
        told: job_pb2.Job | None = None
        while told is None or told.state in _OPEN:
            # An outage begins with a call that fails; each that is answered has a budget of its own.
            first = await self._again(lambda: self._first(job))
            if first != told:
                told = first
                yield first
            if first.state not in _OPEN:
                return
            with contextlib.suppress(*_PASSING):
                call = self._stub.WatchJob(pb.WatchJobRequest(job=job))
                with contextlib.ExitStack() as stack:
                    stack.callback(call.cancel)
                    async for answer in call:
                        if answer.job != told:
                            told = answer.job
                            yield answer.job

    async def _first(self, job: str) -> job_pb2.Job:
        call = self._stub.WatchJob(pb.WatchJobRequest(job=job))
        with contextlib.ExitStack() as stack:
            stack.callback(call.cancel)
            async for answer in call:
                found: job_pb2.Job = answer.job
                return found
        raise UnavailableError("STREAM_ENDED", "The watch over a durable request ended without telling anything.")

    async def _again(self, action: Any) -> Any:
        return await retried(action, on=(UnavailableError, LostError), backoff=self._away)


def failure_of(failure: job_pb2.JobFailure) -> SparringError:
    """Return why a worker, or the way to it, refused."""
    code = _CODES.get(failure.code)
    if code is None or code is grpc.StatusCode.OK:
        return InternalError("MALFORMED_RESPONSE", f"A durable request failed with code {failure.code}, which is none.")
    return from_status(code, failure.message, failure.details)
