"""GovernorService: decode, one call, encode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from sparring.api.governor.v1 import governor_service_pb2 as pb
from sparring.api.governor.v1 import governor_service_pb2_grpc as pb_grpc
from sparring.api.simulation.v1 import simulation_service_pb2 as simulation_pb
from sparring.api.store.v1 import run_pb2
from sparring.client.store_client import StoreClient
from sparring.governor.fleet import Fleet
from sparring.governor.ports import Ports
from sparring.governor.progress_board import ProgressBoard, ProgressNote
from sparring.governor.run_record import Wish
from sparring.governor.submission import check_announced, read_submission

_QUEUED = 64


class GovernorServicer(pb_grpc.GovernorServiceServicer):
    """Starts, stops and shows runs; any governor can do so for any run."""

    def __init__(self, ports: Ports, store: StoreClient, fleet: Fleet, stop: asyncio.Event) -> None:
        self._ports = ports
        self._store = store
        self._fleet = fleet
        self._stop = stop

    async def StartRun(self, request: pb.StartRunRequest, context: Any) -> pb.StartRunResponse:
        """Make a document a run."""
        submission, experiment = read_submission(
            request.document,
            client_token=request.client_token,
            file_name=request.file_name,
            seed=request.seed if request.HasField("seed") else None,
            placement=request.placement,
        )
        check_announced(experiment, await self._ports.broker.announced())
        run = await self._ports.store.create(submission)
        self._fleet.look()
        return pb.StartRunResponse(run=await self._shown(run.run))

    async def CancelRun(self, request: pb.CancelRunRequest, context: Any) -> pb.CancelRunResponse:
        """End a run."""
        return pb.CancelRunResponse(run=await self._wish(request.run, Wish.CANCEL))

    async def PauseRun(self, request: pb.PauseRunRequest, context: Any) -> pb.PauseRunResponse:
        """Hold a run."""
        return pb.PauseRunResponse(run=await self._wish(request.run, Wish.PAUSE))

    async def ResumeRun(self, request: pb.ResumeRunRequest, context: Any) -> pb.ResumeRunResponse:
        """Go on with a run."""
        return pb.ResumeRunResponse(run=await self._wish(request.run, Wish.RESUME))

    async def WatchRun(self, request: pb.WatchRunRequest, context: Any) -> AsyncIterator[pb.WatchRunResponse]:
        """Show a run: durable events, with passing progress in between, until it has ended."""
        await self._ports.store.get(request.run)
        shown: asyncio.Queue[pb.WatchRunResponse | None] = asyncio.Queue(_QUEUED)
        async with asyncio.TaskGroup() as group:
            events = group.create_task(self._events(request, shown))
            progress = group.create_task(self._progress(request.run, shown))
            stopped = group.create_task(self._end_on_stop(shown))
            try:
                while (message := await shown.get()) is not None:
                    yield message
            finally:
                for task in (events, progress, stopped):
                    task.cancel()

    async def _wish(self, name: str, wish: Wish) -> run_pb2.Run:
        self._fleet.heed(await self._ports.store.request(name, wish))
        return await self._shown(name)

    async def _shown(self, name: str) -> run_pb2.Run:
        return (await self._store.get_run(name))[0]

    async def _events(self, request: pb.WatchRunRequest, shown: asyncio.Queue[pb.WatchRunResponse | None]) -> None:
        async for event in self._store.watch_run(request.run, request.after_revision):
            await shown.put(pb.WatchRunResponse(event=event))
        await shown.put(None)

    async def _progress(self, run: str, shown: asyncio.Queue[pb.WatchRunResponse | None]) -> None:
        board: ProgressBoard | None = None
        while board is None:
            board = self._fleet.board(run)
            if board is None:
                await asyncio.sleep(0.2)
        async for note in board.changes():
            await shown.put(pb.WatchRunResponse(progress=_encode_note(note)))

    async def _end_on_stop(self, shown: asyncio.Queue[pb.WatchRunResponse | None]) -> None:
        await self._stop.wait()
        await shown.put(None)


def _encode_note(note: ProgressNote) -> pb.RolloutProgress:
    progress = note.progress
    return pb.RolloutProgress(
        phase=note.phase,
        phase_name=note.phase_name,
        rollout=note.rollout,
        episodes=note.episodes,
        progress=simulation_pb.Progress(
            episode=progress.episode,
            step=progress.step,
            steps_played=progress.steps_played,
            steps_per_second=progress.steps_per_second,
            episode_return=progress.episode_return,
        ),
    )
