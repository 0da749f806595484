"""The parts of a fake system that know whether a governor is there: the MMI, and Titanic before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from sparring.api.broker.v1 import management_service_pb2 as management
from sparring.api.broker.v1 import management_service_pb2_grpc as management_grpc
from sparring.api.governor.v1 import governor_service_pb2 as governor
from sparring.api.store.v1 import job_pb2
from sparring.api.store.v1 import titanic_service_pb2 as titanic
from sparring.api.store.v1 import titanic_service_pb2_grpc as titanic_grpc
from sparring.rpc.status import to_status
from sparring.types.errors import SparringError

JOB = "5" * 32
OPEN = (job_pb2.Job.STATE_QUEUED, job_pb2.Job.STATE_WAITING)


class FakeManagement(management_grpc.ManagementServiceServicer):
    """The broker's answers about a system."""

    def __init__(self, system: Any) -> None:
        self._system = system

    async def ListServices(
        self, request: management.ListServicesRequest, context: Any
    ) -> management.ListServicesResponse:
        return management.ListServicesResponse(services=self._system.services)

    async def WatchServices(
        self, request: management.WatchServicesRequest, context: Any
    ) -> AsyncIterator[management.WatchServicesResponse]:
        yield management.WatchServicesResponse()
        yield management.WatchServicesResponse(services=self._system.services)

    async def Query(self, request: management.QueryRequest, context: Any) -> management.QueryResponse:
        assert (request.name, request.body) == ("mmi.service", "governor")
        return management.QueryResponse(code=200 if self._system.governed.is_set() else 404)


class FakeTitanic(titanic_grpc.TitanicServiceServicer):
    """One job, which asks the system's governor when there is one."""

    def __init__(self, system: Any) -> None:
        self._system = system
        self._request: bytes | None = None
        self._reply = b""
        self._job = job_pb2.Job(job=JOB, service="governor", state=job_pb2.Job.STATE_QUEUED)

    async def SubmitJob(self, request: titanic.SubmitJobRequest, context: Any) -> titanic.SubmitJobResponse:
        self._system.note("SubmitJob", context)
        self._request = request.body
        self._job = job_pb2.Job(job=JOB, service=request.service, state=job_pb2.Job.STATE_QUEUED)
        self._job.method = request.method
        self._job.label = request.label
        self._job.created.FromSeconds(1_769_860_800)
        return titanic.SubmitJobResponse(status=job_pb2.TITANIC_STATUS_OK, job=JOB)

    async def WatchJob(self, request: titanic.WatchJobRequest, context: Any) -> AsyncIterator[titanic.WatchJobResponse]:
        assert request.job == JOB
        if self._job.state in OPEN and not self._system.governed.is_set():
            self._job.state = job_pb2.Job.STATE_WAITING
            yield titanic.WatchJobResponse(job=self._job)
            await asyncio.wait(
                [asyncio.ensure_future(event.wait()) for event in (self._system.governed, self._system.given_up)],
                return_when=asyncio.FIRST_COMPLETED,
            )
        if self._job.state in OPEN:
            self._carry_out()
        yield titanic.WatchJobResponse(job=self._job)

    def _carry_out(self) -> None:
        assert self._request is not None
        try:
            answer = self._system.accept(governor.StartRunRequest.FromString(self._request))
            self._reply = answer.SerializeToString()
        except SparringError as error:
            code, message, details = to_status(error)
            self._job.failure.CopyFrom(job_pb2.JobFailure(code=code.value[0], message=message, details=details))
        self._job.state = job_pb2.Job.STATE_ANSWERED

    async def FetchReply(self, request: titanic.FetchReplyRequest, context: Any) -> titanic.FetchReplyResponse:
        status = job_pb2.TITANIC_STATUS_OK
        if self._job.HasField("failure"):
            return titanic.FetchReplyResponse(status=status, failure=self._job.failure)
        return titanic.FetchReplyResponse(status=status, body=self._reply)

    async def CancelJob(self, request: titanic.CancelJobRequest, context: Any) -> titanic.CancelJobResponse:
        if self._job.state in OPEN:
            self._job.state = job_pb2.Job.STATE_CANCELLED
        self._system.given_up.set()
        return titanic.CancelJobResponse(status=job_pb2.TITANIC_STATUS_OK, job=self._job)

    async def CloseJob(self, request: titanic.CloseJobRequest, context: Any) -> titanic.CloseJobResponse:
        return titanic.CloseJobResponse(status=job_pb2.TITANIC_STATUS_OK)

    async def ListJobs(self, request: titanic.ListJobsRequest, context: Any) -> titanic.ListJobsResponse:
        return titanic.ListJobsResponse(jobs=[] if self._request is None else [self._job])
