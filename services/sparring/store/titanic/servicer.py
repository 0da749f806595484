"""TitanicService: decode, one call, encode; RFC 9's codes in the body."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from sparring.api.store.v1 import job_pb2
from sparring.api.store.v1 import titanic_service_pb2 as pb
from sparring.api.store.v1 import titanic_service_pb2_grpc as rpc
from sparring.store.servicer.stopping import check_stop, stoppable
from sparring.store.titanic.encoding import decode_order, encode_job, encode_refused, encode_reply, encode_submitted
from sparring.store.titanic.jobs import Jobs
from sparring.types.errors import ExhaustedError, InvalidArgumentError, NotFoundError


class TitanicServicer(rpc.TitanicServiceServicer):
    """Keeps requests and replies.

    Args:
        jobs: the durable requests.
        stop: set when the service begins to stop.
    """

    def __init__(self, jobs: Jobs, stop: asyncio.Event) -> None:
        self._jobs = jobs
        self._stop = stop

    async def SubmitJob(self, request: pb.SubmitJobRequest, context: Any) -> pb.SubmitJobResponse:
        """Make a request durable."""
        try:
            return encode_submitted(await self._jobs.submit(decode_order(request)))
        except (InvalidArgumentError, ExhaustedError) as error:
            return encode_refused(error)

    async def FetchReply(self, request: pb.FetchReplyRequest, context: Any) -> pb.FetchReplyResponse:
        """Return the reply."""
        try:
            return encode_reply(await self._jobs.fetch(request.job))
        except NotFoundError as error:
            return pb.FetchReplyResponse(status=job_pb2.TITANIC_STATUS_UNKNOWN, message=error.message)

    async def CloseJob(self, request: pb.CloseJobRequest, context: Any) -> pb.CloseJobResponse:
        """Forget a job."""
        await self._jobs.close(request.job)
        return pb.CloseJobResponse(status=job_pb2.TITANIC_STATUS_OK)

    async def CancelJob(self, request: pb.CancelJobRequest, context: Any) -> pb.CancelJobResponse:
        """Give a job up."""
        try:
            job = await self._jobs.cancel(request.job)
        except NotFoundError:
            return pb.CancelJobResponse(status=job_pb2.TITANIC_STATUS_UNKNOWN)
        return pb.CancelJobResponse(status=job_pb2.TITANIC_STATUS_OK, job=encode_job(job))

    async def ListJobs(self, request: pb.ListJobsRequest, context: Any) -> pb.ListJobsResponse:
        """List jobs."""
        found = await self._jobs.page(request.service, ended=request.ended)
        return pb.ListJobsResponse(jobs=map(encode_job, found))

    async def WatchJob(self, request: pb.WatchJobRequest, context: Any) -> AsyncIterator[pb.WatchJobResponse]:
        """Show a job until it has come to its end."""
        async with (
            aclosing(self._jobs.watch(request.job)) as states,
            stoppable(self._stop, states) as limited,
        ):
            async for job in limited:
                yield pb.WatchJobResponse(job=encode_job(job))
                if not job.state.open:
                    return
        check_stop(self._stop)
