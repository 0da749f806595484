"""The control stream of a rollout worker: what is said, what is told, and coming back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.client.rollout_stream import RolloutStream
from sparring.codec.plan import decode_plan
from sparring.rpc.retry import Backoff
from sparring.types.declaration import Component
from sparring.types.errors import (
    AbortedError,
    ExhaustedError,
    FailedPreconditionError,
    InvalidArgumentError,
    LostError,
    SparringError,
)
from sparring.types.flow import SimulationFlowControl
from sparring.types.frames import Origin
from sparring.types.learning import Learning
from sparring.types.mode import Mode
from sparring.types.plan import Grant, RolloutPlan
from tests.support.eventually import eventually
from tests.unit.client.rollout_server import TOKEN, RolloutServer, rollout_server

QUICK = Backoff(attempts=20, first_s=0.02, most_s=0.1, budget_s=2.0)
STARTED = pb.RunResponse(started={})
PROGRESS = pb.RunResponse(progress={"step": 3})
ENDED = pb.RunResponse(ended={"cause": pb.Ended.CAUSE_COMPLETED})
PLAN = RolloutPlan(
    Origin("run-1", 0, 2),
    "train",
    Mode.TRAIN,
    Component("vanilla", {}),
    (),
    (),
    1,
    Grant("57" * 16, "store-1", "store", "127.0.0.1:1"),
    Learning.EPISODE,
    epoch=7,
)


@dataclass
class Decision:
    flow_control: SimulationFlowControl = SimulationFlowControl.CONTINUE
    episodes_below: int = 5
    policy_versions: dict[str, int] = field(default_factory=dict)


def ended(number: int) -> pb.RunResponse:
    return pb.RunResponse(episode_ended={"episode": {"episode": number}})


class Reader:
    """Reads frames in a task of its own."""

    def __init__(self, stream: RolloutStream) -> None:
        self.frames: list[pb.RunResponse] = []
        self.task = asyncio.create_task(self._read(stream))

    async def _read(self, stream: RolloutStream) -> None:
        async for frame in stream.frames():
            self.frames.append(frame)

    async def heard(self, count: int) -> list[str]:
        await eventually(lambda: len(self.frames) >= count or self.task.done())
        return [str(frame.WhichOneof("kind")) for frame in self.frames]

    async def error(self) -> SparringError:
        async with asyncio.timeout(10):
            with pytest.raises(SparringError) as caught:
                await self.task
        return caught.value


@pytest.fixture
async def server() -> AsyncIterator[RolloutServer]:
    async with rollout_server() as server:
        yield server


@contextlib.asynccontextmanager
async def opened(grant: Grant, reconnecting: Backoff = QUICK) -> AsyncIterator[RolloutStream]:
    stream = RolloutStream(grant, 7, reconnecting=reconnecting)
    try:
        yield stream
    finally:
        await stream.close()


@pytest.fixture
async def stream(server: RolloutServer) -> AsyncIterator[RolloutStream]:
    async with opened(server.grant) as stream:
        yield stream


async def test_a_rollout_worker_goes_from_start_to_end(stream: RolloutStream, server: RolloutServer) -> None:
    await stream.start(PLAN, Decision(policy_versions={"defender": 4}))
    reader = Reader(stream)
    for response in (STARTED, PROGRESS, ended(0), ENDED):
        server.tell.put_nowait(response)
    assert await reader.heard(4) == ["started", "progress", "episode_ended", "ended"]
    async with asyncio.timeout(10):
        await reader.task
    (first,) = server.streams[0]
    assert (first.epoch, first.start.token, first.start.version.major) == (7, TOKEN, 1)
    assert decode_plan(first.start.plan, 7) == PLAN
    assert (first.start.decision.episodes_below, dict(first.start.decision.policy_versions)) == (5, {"defender": 4})


async def test_what_is_said_arrives_in_order_with_the_epoch(stream: RolloutStream, server: RolloutServer) -> None:
    await stream.start(PLAN, Decision())
    await stream.decide(Decision(SimulationFlowControl.STOP_SIMULATION, 9))
    await stream.pause()
    await stream.resume()
    await stream.cancel()
    await eventually(lambda: server.kinds(0) == ["start", "decision", "pause", "resume", "cancel"])
    assert {request.epoch for request in server.streams[0]} == {7}
    assert server.streams[0][1].decision.episodes_below == 9


async def test_a_broken_stream_is_attached_and_told_what_was_said_last(
    stream: RolloutStream, server: RolloutServer
) -> None:
    await stream.start(PLAN, Decision())
    reader = Reader(stream)
    for response in (STARTED, ended(0)):
        server.tell.put_nowait(response)
    await reader.heard(2)
    await stream.decide(Decision(episodes_below=6))
    await stream.decide(Decision(episodes_below=7))
    await stream.pause()
    await eventually(lambda: len(server.kinds(0)) == 4)
    server.tell.put_nowait(None)
    await eventually(lambda: server.kinds(1) == ["attach", "decision", "pause"])
    assert server.streams[1][0].attach.token == TOKEN
    assert server.streams[1][1].decision.episodes_below == 7
    server.tell.put_nowait(ENDED)
    assert await reader.heard(5) == ["started", "episode_ended", "started", "episode_ended", "ended"]


async def test_a_plan_that_was_never_heard_is_sent_again(stream: RolloutStream, server: RolloutServer) -> None:
    server.deaf = {0}
    await stream.start(PLAN, Decision())
    reader = Reader(stream)
    await eventually(lambda: server.kinds(2) == ["start"])
    assert server.kinds(1) == ["attach"]
    server.tell.put_nowait(STARTED)
    server.tell.put_nowait(ENDED)
    assert await reader.heard(2) == ["started", "ended"]


async def test_another_governor_takes_over_and_hears_everything_again(server: RolloutServer) -> None:
    async with opened(server.grant) as first:
        await first.start(PLAN, Decision())
        reader = Reader(first)
        server.tell.put_nowait(STARTED)
        server.tell.put_nowait(ended(0))
        await reader.heard(2)
        reader.task.cancel()
    async with opened(server.grant) as second:
        await second.attach()
        reader = Reader(second)
        server.tell.put_nowait(ENDED)
        assert await reader.heard(3) == ["started", "episode_ended", "ended"]


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (ExhaustedError("SLOT_TAKEN", "no room"), LostError),
        (FailedPreconditionError("EPOCH_STALE", "Epoch 7 is older than 8."), FailedPreconditionError),
        (InvalidArgumentError("PLAN_INVALID", "The plan has no environment."), InvalidArgumentError),
        (AbortedError("PROCESS_DIED", "gone"), LostError),
    ],
)
async def test_what_ends_the_stream_is_raised_by_reading_and_by_whatever_is_said_later(
    stream: RolloutStream, server: RolloutServer, raised: SparringError, kind: type[SparringError]
) -> None:
    await stream.start(PLAN, Decision())
    server.tell.put_nowait(raised)
    error = await Reader(stream).error()
    assert (type(error), error.reason, error.metadata["component"]) == (kind, raised.reason, "rollout worker 2")
    with pytest.raises(kind):
        await stream.decide(Decision())


async def test_a_rollout_worker_that_stays_away_is_lost(server: RolloutServer) -> None:
    quick = Backoff(attempts=3, first_s=0.01, budget_s=1.0)
    async with opened(Grant(TOKEN, "simulation-1", "simulation", "127.0.0.1:1"), quick) as stream:
        await stream.start(PLAN, Decision())
        assert isinstance(await Reader(stream).error(), LostError)


async def test_a_session_that_is_over_cannot_be_attached(stream: RolloutStream, server: RolloutServer) -> None:
    await stream.start(PLAN, Decision())
    reader = Reader(stream)
    server.tell.put_nowait(STARTED)
    await reader.heard(1)
    server.started = False
    server.tell.put_nowait(None)
    error = await reader.error()
    assert (type(error), error.reason) == (LostError, "SESSION_UNKNOWN")


async def test_a_closed_stream_says_so_and_closes_twice(stream: RolloutStream) -> None:
    with pytest.raises(FailedPreconditionError) as early:
        await stream.decide(Decision())
    await stream.start(PLAN, Decision())
    await stream.close()
    await stream.close()
    with pytest.raises(FailedPreconditionError) as late:
        await stream.decide(Decision())
    assert (early.value.reason, late.value.reason) == ("NOT_STARTED", "SESSION_CLOSED")
