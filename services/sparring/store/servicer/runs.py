"""Methods about runs as users know them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.store.catalogue import Catalogue
from sparring.store.encoding.episodes import encode_commit_event, encode_committed
from sparring.store.encoding.runs import decode_submission, decode_wish, encode_event, encode_phase, encode_run
from sparring.store.runs import RunEvent
from sparring.store.servicer.stopping import check_stop, stoppable
from sparring.store.watching import Event, Watching


class RunMethods:
    """CreateRun to RequestRun."""

    catalogue: Catalogue
    watching: Watching
    stop: asyncio.Event

    async def CreateRun(self, request: pb.CreateRunRequest, context: Any) -> pb.CreateRunResponse:
        """Make a submitted document durable."""
        run = await self.catalogue.create(decode_submission(request))
        return pb.CreateRunResponse(run=encode_run(run))

    async def GetRun(self, request: pb.GetRunRequest, context: Any) -> pb.GetRunResponse:
        """Return a run with its phases."""
        run, phases = await self.catalogue.get(request.run)
        return pb.GetRunResponse(run=encode_run(run), phases=map(encode_phase, phases))

    async def GetDocument(self, request: pb.GetDocumentRequest, context: Any) -> pb.GetDocumentResponse:
        """Return the document."""
        found = await self.catalogue.submission(request.run)
        return pb.GetDocumentResponse(
            document=found.document, file_name=found.file_name, placement=found.placement, seed=found.seed
        )

    async def ListRuns(self, request: pb.ListRunsRequest, context: Any) -> pb.ListRunsResponse:
        """Return a page of runs."""
        runs, token = await self.catalogue.page(request.page_token, request.page_size)
        return pb.ListRunsResponse(runs=map(encode_run, runs), next_page_token=token)

    async def ListEpisodes(
        self, request: pb.ListEpisodesRequest, context: Any
    ) -> AsyncIterator[pb.ListEpisodesResponse]:
        """Yield the committed episodes."""
        phase = request.phase if request.HasField("phase") else None
        async with aclosing(self.catalogue.episodes(request.run, phase)) as pages:
            async for episodes in pages:
                yield pb.ListEpisodesResponse(episodes=map(encode_committed, episodes))

    async def WatchRun(self, request: pb.WatchRunRequest, context: Any) -> AsyncIterator[pb.WatchRunResponse]:
        """Yield events until the run has ended."""
        async with (
            aclosing(self.watching.events(request.run, request.after_revision)) as events,
            stoppable(self.stop, events) as limited,
        ):
            async for event in limited:
                yield pb.WatchRunResponse(event=_encode(event))
        check_stop(self.stop)

    async def RequestRun(self, request: pb.RequestRunRequest, context: Any) -> pb.RequestRunResponse:
        """Note a wish."""
        run = await self.catalogue.wish(request.run, decode_wish(request))
        return pb.RequestRunResponse(run=encode_run(run))


def _encode(event: Event) -> run_pb2.RunEvent:
    return encode_event(event) if isinstance(event, RunEvent) else encode_commit_event(event.episode, event.run)
