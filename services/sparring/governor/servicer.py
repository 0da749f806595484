"""GovernorService: decode, one call, encode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from sparring.api.governor.v1 import governor_service_pb2 as pb
from sparring.api.governor.v1 import governor_service_pb2_grpc as pb_grpc
from sparring.api.simulation.v1 import simulation_service_pb2 as simulation_pb
from sparring.api.store.v1 import run_pb2
from sparring.client.store_client import StoreClient
from sparring.governor.desk import Desk
from sparring.governor.fleet import Fleet
from sparring.governor.merging import merged
from sparring.governor.progress_board import ProgressNote
from sparring.governor.run_record import Wish


class GovernorServicer(pb_grpc.GovernorServiceServicer):
    """Starts, stops and shows runs.

    Args:
        desk: Carries out what users ask.
        fleet: Has the progress of the runs that are governed here.
        store: Shows runs and their events as they were written.
        stop: Set when the server begins to stop.
    """

    def __init__(self, desk: Desk, fleet: Fleet, store: StoreClient, stop: asyncio.Event) -> None:
        self._desk = desk
        self._fleet = fleet
        self._store = store
        self._stop = stop

    async def StartRun(self, request: pb.StartRunRequest, context: Any) -> pb.StartRunResponse:
        """Make a document a run."""
        run = await self._desk.start(
            request.document,
            client_token=request.client_token,
            file_name=request.file_name,
            seed=request.seed if request.HasField("seed") else None,
            placement=request.placement,
        )
        return pb.StartRunResponse(run=await self._shown(run))

    async def CancelRun(self, request: pb.CancelRunRequest, context: Any) -> pb.CancelRunResponse:
        """End a run."""
        return pb.CancelRunResponse(run=await self._shown(await self._desk.wish(request.run, Wish.CANCEL)))

    async def PauseRun(self, request: pb.PauseRunRequest, context: Any) -> pb.PauseRunResponse:
        """Hold a run."""
        return pb.PauseRunResponse(run=await self._shown(await self._desk.wish(request.run, Wish.PAUSE)))

    async def ResumeRun(self, request: pb.ResumeRunRequest, context: Any) -> pb.ResumeRunResponse:
        """Go on with a run."""
        return pb.ResumeRunResponse(run=await self._shown(await self._desk.wish(request.run, Wish.RESUME)))

    async def WatchRun(self, request: pb.WatchRunRequest, context: Any) -> AsyncIterator[pb.WatchRunResponse]:
        """Show a run: durable events, with passing progress in between, until it has ended."""
        run = (await self._shown(request.run)).run
        self._fleet.look(run)  # whoever watches a run that nobody plays wants it to go on
        events = self._store.watch_run(run, request.after_revision)
        async with aclosing(merged(events, self._fleet.progress(run), self._stop)) as items:
            async for item in items:
                yield encode_shown(item)

    async def _shown(self, run: str) -> run_pb2.Run:
        return (await self._store.get_run(run))[0]


def encode_shown(item: run_pb2.RunEvent | ProgressNote) -> pb.WatchRunResponse:
    """Write an event, or the progress of a rollout worker."""
    if not isinstance(item, ProgressNote):
        return pb.WatchRunResponse(event=item)
    note, progress = item, item.progress
    shown = pb.RolloutProgress(
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
            waiting=progress.waiting,
        ),
    )
    return pb.WatchRunResponse(progress=shown)
