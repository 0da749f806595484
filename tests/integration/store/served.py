"""A store that is served over real gRPC, and a rollout worker's side of its streams, for tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparring.api.space.v1 import declaration_pb2
from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.api.store.v1.store_service_pb2_grpc import StoreServiceStub
from sparring.codec.declaration import encode_declarations, encode_mode
from sparring.codec.record import encode_rows, encode_summary
from sparring.rpc import server
from sparring.rpc.channels import open_channel
from sparring.rpc.mounts import mount
from sparring.store.composition import composed
from sparring.store.declared import Declared
from sparring.store.places import Places
from sparring.types.mode import Mode
from tests.unit.store.builders import DECLARED, Played

TRAIN = declaration_pb2.MODE_TRAIN
RUNNING = run_pb2.Run.STATUS_RUNNING
FINISHED = run_pb2.Run.STATUS_FINISHED
WITHIN_S = 20.0


@dataclass
class Clock:
    """Wall time that tests move."""

    now_ns: int = 1_700_000_000_000_000_000

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        self.now_ns += int(seconds * 1e9)


@dataclass
class ServedStore:
    """A store and a stub that reaches it."""

    directory: Path
    stub: Any
    stop: asyncio.Event
    clock: Clock
    address: str = ""
    ordinals: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def places(self) -> Places:
        """Where its files lie."""
        return Places(self.directory)

    async def create(self, uid: str = "dummy", token: str = "") -> run_pb2.Run:
        request = pb.CreateRunRequest(
            client_token=token or f"{uid} {self.clock.now_ns}",
            uid=uid,
            document=b"uid: dummy",
            file_name="dummy.yml",
            seed=7,
            deterministic=True,
        )
        return (await self.stub.CreateRun(request)).run

    async def claim(self, governor: str = "gov", limit: int = 1, *names: str) -> list[run_pb2.Run]:
        request = pb.ClaimRunsRequest(governor=governor, limit=limit, runs=names)
        return list((await self.stub.ClaimRuns(request)).runs)

    async def owned(self, uid: str = "dummy") -> run_pb2.Run:
        """Return a new run that a governor owns."""
        await self.create(uid)
        [run] = await self.claim()
        return run

    async def get(self, run: str) -> run_pb2.Run:
        return (await self.stub.GetRun(pb.GetRunRequest(run=run))).run

    async def enter(
        self,
        run: run_pb2.Run,
        state: int = run_pb2.Run.STATE_TRANSCEIVING,
        status: int = RUNNING,
        **given: Any,
    ) -> run_pb2.Run:
        """Record the owner's next transition."""
        counted = self.ordinals.get((run.run, run.epoch), 0) + 1
        request = pb.RecordTransitionRequest(
            run=run.run, epoch=run.epoch, **{"ordinal": counted, "state": state, "status": status, **given}
        )
        answer = await self.stub.RecordTransition(request)
        self.ordinals[run.run, run.epoch] = counted
        return answer.run

    async def finish(self, run: run_pb2.Run) -> run_pb2.Run:
        return await self.enter(run, run_pb2.Run.STATE_DONE, FINISHED)

    async def seal(self, run: run_pb2.Run, *played: Played, phase: int = 0, mode: Mode = Mode.TRAIN) -> Any:
        """Seal a phase of which these episodes were sent."""
        rollouts = sorted({each.summary.key.rollout for each in played})
        sent = [
            pb.RolloutCount(
                rollout=rollout,
                episodes=sum(each.summary.key.rollout == rollout for each in played),
                steps=sum(each.summary.steps for each in played if each.summary.key.rollout == rollout),
            )
            for rollout in rollouts
        ]
        request = pb.SealPhaseRequest(run=run.run, epoch=run.epoch, phase=phase, mode=encode_mode(mode), sent=sent)
        return (await self.stub.SealPhase(request)).phase

    async def verify(self, run: str) -> tuple[list[pb.Difference], pb.Verified]:
        """Return what differs, and the result."""
        answers = [each async for each in self.stub.VerifyRun(pb.VerifyRunRequest(run=run))]
        return [each.difference for each in answers[:-1]], answers[-1].verified

    async def episodes(self, run: str) -> list[run_pb2.EpisodeSummary]:
        pages = [each async for each in self.stub.ListEpisodes(pb.ListEpisodesRequest(run=run))]
        return [episode for page in pages for episode in page.episodes]

    async def events(self, run: str, after: int = 0) -> list[run_pb2.RunEvent]:
        """Return all events of a run that has ended."""
        request = pb.WatchRunRequest(run=run, after_revision=after)
        return [each.event async for each in self.stub.WatchRun(request, timeout=WITHIN_S)]

    @contextlib.asynccontextmanager
    async def recording(
        self, run: run_pb2.Run, declared: Declared = DECLARED, **given: Any
    ) -> AsyncIterator[RolloutRecord]:
        """Open a record for the length of the block."""
        record = RolloutRecord(self.stub.RecordEpisodes(timeout=WITHIN_S))
        await record.send(open=opening(run, declared, **given))
        record.opened = (await record.receive()).opened
        try:
            yield record
        finally:
            record.call.cancel()

    async def record(self, run: run_pb2.Run, *played: Played, declared: Declared = DECLARED) -> None:
        """Record episodes of one rollout worker and phase, and wait until they are durable."""
        key = played[0].summary.key
        names: dict[str, Any] = {"phase": key.phase, "mode": encode_mode(key.mode), "rollout": key.rollout}
        async with self.recording(run, declared, **names) as record:
            for each in played:
                await record.play(each)
            await record.send(flush=pb.Flush())
            kinds = [(await record.receive()).WhichOneof("kind") for _ in range(len(played) + 1)]
            assert kinds == [*["committed"] * len(played), "flushed"]


class RolloutRecord:
    """A rollout worker's side of a stream."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.opened = pb.Opened()

    async def send(self, **frame: Any) -> None:
        await self.call.write(pb.RecordEpisodesRequest(**frame))

    async def receive(self) -> pb.RecordEpisodesResponse:
        answer = await self.call.read()
        assert isinstance(answer, pb.RecordEpisodesResponse), f"the stream has ended: {answer!r}"
        return answer

    async def steps(self, played: Played) -> None:
        """Send an episode without its commit."""
        episode = played.summary.key.episode
        await self.send(begin=pb.BeginEpisode(episode=episode, seeds={"plant": 3}))
        late = list(played.late)
        for batch in played.batches:
            while late and late[0].row <= batch.first_step:
                each = late.pop(0)
                rewards = encode_declarations(each.declarations)
                declared = pb.DeclareRewards(episode=episode, environment=each.environment, rewards=rewards)
                await self.send(declare_rewards=declared)
            await self.send(steps=encode_rows(batch))

    async def play(self, played: Played) -> None:
        """Send an episode with its commit."""
        await self.steps(played)
        await self.commit(played)

    async def commit(self, played: Played) -> None:
        await self.send(commit=pb.CommitEpisode(summary=encode_summary(played.summary), rows=played.rows))

    async def failure(self) -> Exception:
        """Return what the stream ends with; what was answered before is passed over."""
        try:
            while isinstance(await self.call.read(), pb.RecordEpisodesResponse):
                pass
        except Exception as error:
            return error
        raise AssertionError("the stream ended without an error")


def opening(run: run_pb2.Run, declared: Declared = DECLARED, **given: Any) -> pb.OpenRecord:
    """Return the first frame of a record."""
    return pb.OpenRecord(
        run=run.run,
        epoch=run.epoch,
        **{"phase": 0, "phase_name": "warm-up", "mode": TRAIN, "rollout": 0, **given},
        environments=[
            pb.EnvironmentRecord(
                uid=each.uid,
                sensors=encode_declarations(each.sensors),
                actuators=encode_declarations(each.actuators),
                rewards=encode_declarations(each.rewards),
            )
            for each in declared.environments
        ],
        agents=[pb.AgentRecord(name=name) for name in declared.agents],
    )


@contextlib.asynccontextmanager
async def serving(
    directory: Path, clock: Clock | None = None, group_s: float = 0.02, token: str | None = None
) -> AsyncIterator[ServedStore]:
    """Serve a store for the length of the block."""
    clock = clock or Clock()
    stop = asyncio.Event()
    async with (
        composed(directory, stop=stop, group_s=group_s, clock_ns=clock) as servicer,
        server.running("127.0.0.1:0", [mount(servicer)], name="store", stop=stop, token=token, drain_s=5) as served,
        open_channel(f"127.0.0.1:{served.port}", token=token, deadline_s=WITHIN_S, retries=False) as channel,
    ):
        yield ServedStore(directory, StoreServiceStub(channel), stop, clock, f"127.0.0.1:{served.port}")
