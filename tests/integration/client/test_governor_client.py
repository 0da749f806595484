"""The client of the governor, with a real broker and a hand-written governor behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from sparring.api.governor.v1 import governor_service_pb2 as pb
from sparring.api.governor.v1 import governor_service_pb2_grpc as pb_grpc
from sparring.api.store.v1 import run_pb2
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.connector import registered
from sparring.client.services import GovernorClient
from sparring.rpc.channels import open_channel
from sparring.rpc.mounts import mount
from sparring.rpc.server import running
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError


class Governor(pb_grpc.GovernorServiceServicer):
    """Knows runs by their tokens, and has three events to tell."""

    def __init__(self) -> None:
        self.runs: dict[str, str] = {}
        self.asked: list[pb.StartRunRequest] = []
        self.cursors: list[int] = []
        self.wishes: list[str] = []
        self.failures = 0

    async def StartRun(self, request: pb.StartRunRequest, context: Any) -> pb.StartRunResponse:
        self.asked.append(request)
        if not request.document:
            raise InvalidArgumentError("DOCUMENT_INVALID", "The document is empty.")
        run = self.runs.setdefault(request.client_token, f"run-{len(self.runs) + 1}")
        if self.failures:
            self.failures -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        return pb.StartRunResponse(run=run_pb2.Run(run=run))

    async def CancelRun(self, request: pb.CancelRunRequest, context: Any) -> pb.CancelRunResponse:
        raise FailedPreconditionError("RUN_ALREADY_TERMINAL", f"{request.run} is finished; nothing to cancel.")

    async def PauseRun(self, request: pb.PauseRunRequest, context: Any) -> pb.PauseRunResponse:
        self.wishes.append("pause")
        return pb.PauseRunResponse(run=run_pb2.Run(run=request.run))

    async def ResumeRun(self, request: pb.ResumeRunRequest, context: Any) -> pb.ResumeRunResponse:
        self.wishes.append("resume")
        return pb.ResumeRunResponse(run=run_pb2.Run(run=request.run))

    async def WatchRun(self, request: pb.WatchRunRequest, context: Any) -> AsyncIterator[pb.WatchRunResponse]:
        self.cursors.append(request.after_revision)
        for revision in range(request.after_revision + 1, 4):
            yield pb.WatchRunResponse(event=run_pb2.RunEvent(revision=revision))
            yield pb.WatchRunResponse(progress=pb.RolloutProgress(rollout=revision))
            if revision == 2 and len(self.cursors) == 1:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")


@pytest.fixture
async def governor() -> Governor:
    return Governor()


@pytest.fixture
async def client(governor: Governor) -> AsyncIterator[GovernorClient]:
    settings = BrokerSettings(address="127.0.0.1:0", heartbeat_s=0.2, drain_s=0.5)
    async with (
        asyncio.timeout(60),
        running_broker(settings) as broker,
        running("127.0.0.1:0", [mount(governor)], name="governor", drain_s=0.0) as server,
        registered(broker=str(broker.address), service="governor", target=str(server.address), calls=4),
        open_channel(str(broker.address), retries=False) as channel,
    ):
        yield GovernorClient(channel)


async def test_a_wish_that_is_sent_twice_makes_one_run(client: GovernorClient, governor: Governor) -> None:
    governor.failures = 2
    run = await client.start_run(b"uid: dummy", "dummy.yml", seed=0, placement="inline")
    assert (run.run, len(governor.asked), len(governor.runs)) == ("run-1", 3, 1)
    asked = governor.asked[-1]
    assert (asked.file_name, asked.HasField("seed"), asked.seed, asked.placement) == ("dummy.yml", True, 0, "inline")
    assert (await client.start_run(b"uid: dummy", "dummy.yml")).run == "run-2"
    assert not governor.asked[-1].HasField("seed")


async def test_a_document_that_is_wrong_is_refused_once(client: GovernorClient, governor: Governor) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await client.start_run(b"", "empty.yml")
    assert (caught.value.reason, len(governor.asked)) == ("DOCUMENT_INVALID", 1)


async def test_runs_are_held_and_go_on_and_what_is_over_says_so(client: GovernorClient, governor: Governor) -> None:
    assert (await client.pause_run("run-1")).run == (await client.resume_run("run-1")).run == "run-1"
    assert governor.wishes == ["pause", "resume"]
    with pytest.raises(FailedPreconditionError) as caught:
        await client.cancel_run("run-1")
    assert caught.value.reason == "RUN_ALREADY_TERMINAL"


async def test_a_watch_that_breaks_goes_on_behind_what_was_seen(client: GovernorClient, governor: Governor) -> None:
    seen = [message async for message in client.watch_run("run-1")]
    assert [message.event.revision for message in seen if message.HasField("event")] == [1, 2, 3]
    assert governor.cursors == [0, 2]
