"""Runs on their way to a governor: submitted durably (Titanic in the store), whether or not one is there."""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from sparring.api.governor.v1 import governor_service_pb2 as governor
from sparring.api.store.v1 import job_pb2
from sparring.cli.access.decoding import decode_run
from sparring.cli.access.records import RunRecord
from sparring.client.titanic import TitanicClient, Wanted, failure_of
from sparring.rpc.channels import Channel
from sparring.rpc.retry import Backoff
from sparring.types.errors import SparringError

SERVICE: Final = "governor"
METHOD: Final = "/sparring.api.governor.v1.GovernorService/StartRun"
CANCEL_S: Final = 10.0

_NAME: Final = re.compile(r"[0-9a-f]{32}")
_ENDED: Final = {
    job_pb2.Job.STATE_ANSWERED: "failed",
    job_pb2.Job.STATE_FAILED: "failed",
    job_pb2.Job.STATE_CANCELLED: "cancelled",
}


def is_submission(name: str) -> bool:
    """Tell whether a name is one of a submission, which never is one of a run."""
    return _NAME.fullmatch(name) is not None


class Submissions:
    """Submitted documents that no governor has made a run of yet.

    Args:
        channel: to the broker; somebody else owns it.
    """

    def __init__(self, channel: Channel) -> None:
        self._titanic = TitanicClient(channel, Backoff())  # who names a broker that is not there hears so soon
        self._patient = TitanicClient(channel)  # what is durable is worth waiting for

    async def submit(self, document: bytes, file: str, *, seed: int | None, placement: str) -> str:
        """Make a document durable; returns the name of the submission. However often it is sent, it is one run."""
        token = uuid.uuid4().hex
        request = governor.StartRunRequest(
            client_token=token, document=document, file_name=file, seed=seed, placement=placement
        )
        label = file[-200:]
        return await self._titanic.submit(Wanted(token, SERVICE, METHOD, request.SerializeToString(), label))

    async def watch(self, name: str) -> AsyncIterator[RunRecord]:
        """Yield a submission as it stands and after every change, until a governor has answered or it is given up."""
        async for job in self._patient.watch(name):
            yield _record(job)

    async def started(self, name: str) -> RunRecord:
        """Wait until a governor has made a run of a submission; return it.

        Raises:
            SparringError: it was refused, given up, cancelled, or is unknown.
        """
        async for _ in self.watch(name):
            continue
        return await self._answer(name, self._patient)

    async def find(self, name: str) -> RunRecord:
        """Return what was made of a submission: the run as it began, or itself, while it waits and where it failed.

        Raises:
            NotFoundError: JOB_UNKNOWN.
        """
        async for job in self._titanic.watch(name):
            if job.state == job_pb2.Job.STATE_ANSWERED and not job.HasField("failure"):
                return await self._answer(name)
            return _record(job)
        return await self._answer(name)

    async def list(self) -> list[RunRecord]:
        """Return those of which there is no run, newest first."""
        jobs = await self._titanic.list_jobs(SERVICE, ended=True)
        well = [job.state == job_pb2.Job.STATE_ANSWERED and not job.HasField("failure") for job in jobs]
        return [_record(job) for job, run in zip(jobs, well, strict=True) if job.method == METHOD and not run]

    async def cancel(self, name: str) -> RunRecord:
        """Give a submission up; returns what was made of it, which may be a run after all."""
        job = await self._titanic.cancel(name)
        if job.state == job_pb2.Job.STATE_ANSWERED and not job.HasField("failure"):
            return await self._answer(name)
        return _record(job)

    async def close(self, name: str) -> None:
        """Forget the answer; its run is known by its own name."""
        with contextlib.suppress(SparringError, TimeoutError):  # then it expires
            async with asyncio.timeout(CANCEL_S):
                await self._titanic.close(name)

    async def _answer(self, name: str, titanic: TitanicClient | None = None) -> RunRecord:
        reply = await (titanic or self._titanic).reply(name)
        return decode_run(governor.StartRunResponse.FromString(reply or b"").run)


def _record(job: Any) -> RunRecord:
    failure = failure_of(job.failure) if job.HasField("failure") else None
    ended = _ENDED.get(job.state)
    waiting = job.state == job_pb2.Job.STATE_WAITING
    return RunRecord(
        run=job.job,
        uid=job.label,
        status=ended or "submitted",
        state="WAITING_FOR_GOVERNOR" if waiting else job_pb2.Job.State.Name(job.state).removeprefix("STATE_"),
        created=_time(job.created),
        ended=_time(job.ended) if job.HasField("ended") else None,
        seed=None,
        error_reason=failure.reason if failure and ended == "failed" else "",
        error_message=failure.message if failure and ended == "failed" else "",
    )


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
