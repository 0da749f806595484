"""A broker, a governor and a store that play what a test has written, over real gRPC."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sparring.api.broker.v1 import management_service_pb2 as management
from sparring.api.governor.v1 import governor_service_pb2 as governor
from sparring.api.governor.v1 import governor_service_pb2_grpc as governor_grpc
from sparring.api.simulation.v1 import simulation_service_pb2 as simulation
from sparring.api.space.v1 import declaration_pb2, episode_pb2
from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as store
from sparring.api.store.v1 import store_service_pb2_grpc as store_grpc
from sparring.rpc.mounts import mount
from sparring.rpc.server import running
from sparring.types.errors import FailedPreconditionError, NotFoundError, SparringError
from tests.unit.cli.fake_titanic import FakeManagement, FakeTitanic

RUN = "dummy-1"
Status = run_pb2.Run
TRAIN = declaration_pb2.MODE_TRAIN


def run_message(status: run_pb2.Run.Status = Status.STATUS_RUNNING, **more: Any) -> run_pb2.Run:
    """Return the run as it stands."""
    given: dict[str, Any] = {"state": Status.STATE_TRANSCEIVING, "seed": 42, "deterministic": True, **more}
    message = run_pb2.Run(run=RUN, uid="dummy", status=status, **given)
    message.created.FromSeconds(1_769_860_800)
    return message


def finished() -> run_pb2.Run:
    """Return the run as it ends when all is well."""
    return run_message(Status.STATUS_FINISHED, state=Status.STATE_DONE, digest=b"\xab" * 32)


def failed() -> run_pb2.Run:
    """Return the run as it ends when author code raises."""
    return run_message(
        Status.STATUS_FAILED,
        state=Status.STATE_DONE,
        error_reason="AUTHOR_CODE_FAILED",
        error_message="Environment 'arena' raised in update in step 3: RuntimeError: the pump is broken.",
    )


def transition(revision: int, run: run_pb2.Run, message: str = "") -> governor.WatchRunResponse:
    """Return the event that a run moved on."""
    return governor.WatchRunResponse(event=run_pb2.RunEvent(revision=revision, run=run, message=message))


def commit(revision: int, episode: int = 0) -> governor.WatchRunResponse:
    """Return the event that an episode was committed."""
    key = episode_pb2.EpisodeKey(phase=0, mode=TRAIN, rollout=0, episode=episode)
    summary = run_pb2.EpisodeSummary(episode=key, phase_name="train", steps=10, episode_return=2.5, attempts=1)
    return governor.WatchRunResponse(event=run_pb2.RunEvent(revision=revision, run=run_message(), episode=summary))


def progress() -> governor.WatchRunResponse:
    """Return passing progress."""
    inner = simulation.Progress(episode=1, step=4, steps_per_second=120.5, episode_return=1.5)
    return governor.WatchRunResponse(
        progress=governor.RolloutProgress(phase=0, phase_name="train", episodes=5, progress=inner)
    )


class FakeSystem(
    governor_grpc.GovernorServiceServicer,
    store_grpc.StoreServiceServicer,
):
    """All services at one address; each call notes the service that it was addressed to.

    Attributes:
        script: what a watch yields; an error in it breaks the stream, once.
        end: how the run stands when the script is over; None: it goes on until it is cancelled.
        refusal: what StartRun is answered with instead of a run.
        started: requests that were accepted.
        wishes: what was asked of the run.
        addressed: (method, service) of calls.
        governed: whether a governor is registered.
        given_up: whether a submission was cancelled.
    """

    def __init__(self, script: Sequence[Any] = (), end: run_pb2.Run | None = None) -> None:
        self.script = list(script)
        self.end = end
        self.refusal: SparringError | None = None
        self.started: list[governor.StartRunRequest] = []
        self.wishes: list[str] = []
        self.addressed: set[tuple[str, str]] = set()
        self.services: list[management.ServiceStatus] = []
        self.answers: list[store.VerifyRunResponse] = []
        self.table = b""
        self.episodes: list[run_pb2.EpisodeSummary] = []
        self.watching = asyncio.Event()
        self.governed = asyncio.Event()
        self.governed.set()
        self.given_up = asyncio.Event()
        self._cancelled = asyncio.Event()
        self._run = run_message()

    async def StartRun(self, request: governor.StartRunRequest, context: Any) -> governor.StartRunResponse:
        self.note("StartRun", context)
        return self.accept(request)

    def accept(self, request: governor.StartRunRequest) -> governor.StartRunResponse:
        """Make a run of a document, or refuse."""
        if self.refusal is not None:
            raise self.refusal
        self.started.append(request)
        return governor.StartRunResponse(run=self._run)

    async def CancelRun(self, request: governor.CancelRunRequest, context: Any) -> governor.CancelRunResponse:
        self._wish("cancel", request.run)
        self._cancelled.set()
        return governor.CancelRunResponse(run=self._run)

    async def PauseRun(self, request: governor.PauseRunRequest, context: Any) -> governor.PauseRunResponse:
        self._wish("pause", request.run)
        return governor.PauseRunResponse(run=self._run)

    async def ResumeRun(self, request: governor.ResumeRunRequest, context: Any) -> governor.ResumeRunResponse:
        self._wish("resume", request.run)
        return governor.ResumeRunResponse(run=self._run)

    async def WatchRun(
        self, request: governor.WatchRunRequest, context: Any
    ) -> AsyncIterator[governor.WatchRunResponse]:
        self.note("WatchRun", context)
        self.watching.set()
        revision = request.after_revision
        while self.script:
            each = self.script.pop(0)
            if isinstance(each, SparringError):
                raise each
            revision = each.event.revision or revision
            yield each
        if self.end is None:
            await self._cancelled.wait()
            self.end = run_message(Status.STATUS_CANCELLED, state=Status.STATE_DONE)
        self._run = self.end
        yield transition(revision + 1, self.end)

    async def GetRun(self, request: store.GetRunRequest, context: Any) -> store.GetRunResponse:
        self.note("GetRun", context)
        if request.run not in (RUN, "latest"):
            raise NotFoundError("RUN_UNKNOWN", f"There is no run {request.run}.", run=request.run)
        phase = run_pb2.PhaseSummary(
            phase=0, name="train", mode=TRAIN, episodes=5, steps=50, steps_per_second=1234.5, mean_return=2.5
        )
        return store.GetRunResponse(run=self._run, phases=[phase])

    async def GetDocument(self, request: store.GetDocumentRequest, context: Any) -> store.GetDocumentResponse:
        return store.GetDocumentResponse(document=self.started[-1].document, file_name=self.started[-1].file_name)

    async def ListEpisodes(
        self, request: store.ListEpisodesRequest, context: Any
    ) -> AsyncIterator[store.ListEpisodesResponse]:
        assert request.run == RUN
        yield store.ListEpisodesResponse(episodes=self.episodes)

    async def ListRuns(self, request: store.ListRunsRequest, context: Any) -> store.ListRunsResponse:
        number = int(request.page_token or 2)
        shown = run_message(seed=number)
        return store.ListRunsResponse(runs=[shown], next_page_token=str(number - 1) if number > 1 else "")

    async def VerifyRun(self, request: store.VerifyRunRequest, context: Any) -> AsyncIterator[store.VerifyRunResponse]:
        assert request.run == RUN
        for each in self.answers:
            yield each

    async def Query(self, request: store.QueryRequest, context: Any) -> AsyncIterator[store.QueryResponse]:
        half = len(self.table) // 2
        yield store.QueryResponse(data=self.table[:half])
        yield store.QueryResponse(data=self.table[half:])

    async def RequestRun(self, request: store.RequestRunRequest, context: Any) -> store.RequestRunResponse:
        self._wish(f"store: {store.RequestRunRequest.Wish.Name(request.wish)}", request.run)
        return store.RequestRunResponse(run=self._run)

    def _wish(self, wish: str, run: str) -> None:
        if self._run.status == Status.STATUS_FINISHED:
            raise FailedPreconditionError("RUN_ALREADY_TERMINAL", f"Run {run} is already finished.")
        self.wishes.append(wish)

    def note(self, method: str, context: Any) -> None:
        addressed = dict(context.invocation_metadata() or ())
        self.addressed.add((method, str(addressed.get("sparring-service", ""))))


@contextlib.asynccontextmanager
async def serving(system: FakeSystem) -> AsyncIterator[str]:
    """Serve it for the length of the block; yields its address."""
    mounts = [
        mount(system, governor_grpc.add_GovernorServiceServicer_to_server),
        mount(system, store_grpc.add_StoreServiceServicer_to_server),
        mount(FakeManagement(system)),
        mount(FakeTitanic(system)),
    ]
    async with running("127.0.0.1:0", mounts, name="fake", drain_s=0) as server:
        yield str(server.address)
