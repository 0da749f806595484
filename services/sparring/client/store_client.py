"""The typed client of the store: runs, ownership, phases, episodes, brain states, verification, queries."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.client.access import NO_ACCESS, Access
from sparring.client.attempts import FULL
from sparring.client.brain_states import brain_state_messages, brain_state_of
from sparring.client.broker_client import BrokerClient
from sparring.client.repeated_calls import AWAY, RepeatedCalls, ServicePlace
from sparring.client.store_access import granted_store
from sparring.rpc.retry import Backoff
from sparring.types.errors import SparringError
from sparring.types.learning import Saved

LONG_S: Final = 24 * 3600.0
"""Deadline of verifying, sealing and querying, which take as long as there is data."""


class StoreClient:
    """A store, wherever it is now. Every call waits for a store that is away, up to 120 s, and is safe to repeat.

    Raises everywhere NotFoundError RUN_UNKNOWN, FailedPreconditionError EPOCH_STALE (writes), and UnavailableError when
    the store stays away.
    """

    def __init__(self, place: ServicePlace, away: Backoff = AWAY, full: Backoff | None = None) -> None:
        """Prepare.

        Args:
            place: Where the store is.
            away: Attempts and budget of one outage.
            full: Attempts and budget where the store has no room left; None means as for an outage.
        """
        self.place = place
        self._calls = RepeatedCalls(place, away, full)

    async def create_run(self, request: pb.CreateRunRequest) -> run_pb2.Run:
        """Make a submitted document durable; the same `client_token` names the same run."""
        answer: pb.CreateRunResponse = await self._calls.call(lambda stub: stub.CreateRun(request))
        return answer.run

    async def get_run(self, run: str) -> tuple[run_pb2.Run, list[run_pb2.PhaseSummary]]:
        """Return a run (its name, or `latest`) with its phases so far."""
        answer = await self._calls.call(lambda stub: stub.GetRun(pb.GetRunRequest(run=run)))
        return answer.run, list(answer.phases)

    async def get_document(self, run: str) -> pb.GetDocumentResponse:
        """Return the document of a run as it was submitted."""
        request = pb.GetDocumentRequest(run=run)
        answer: pb.GetDocumentResponse = await self._calls.call(lambda stub: stub.GetDocument(request))
        return answer

    async def list_runs(self, page_size: int = 0, page_token: str = "") -> tuple[list[run_pb2.Run], str]:
        """Return runs, newest first, and the token of the next page (empty at the end)."""
        request = pb.ListRunsRequest(page_size=page_size, page_token=page_token)
        answer = await self._calls.call(lambda stub: stub.ListRuns(request))
        return list(answer.runs), answer.next_page_token

    async def request_run(self, run: str, wish: pb.RequestRunRequest.Wish) -> run_pb2.Run:
        """Record a user's wish.

        Raises:
            FailedPreconditionError: RUN_ALREADY_TERMINAL.
        """
        request = pb.RequestRunRequest(run=run, wish=wish)
        answer: pb.RequestRunResponse = await self._calls.call(lambda stub: stub.RequestRun(request))
        return answer.run

    async def claim_runs(
        self, governor: str, limit: int, lease_s: float, runs: Sequence[str] = ()
    ) -> list[run_pb2.Run]:
        """Become the owner of at most so many submitted or lapsed runs (of `runs` only), with a new epoch each."""
        request = pb.ClaimRunsRequest(governor=governor, limit=limit, lease=_duration(lease_s), runs=runs)
        return list((await self._calls.call(lambda stub: stub.ClaimRuns(request))).runs)

    async def renew_runs(
        self, governor: str, epochs: Mapping[str, int], lease_s: float
    ) -> tuple[list[run_pb2.Run], list[str]]:
        """Prolong leases; returns the runs still owned, with their users' wishes, and the names of those lost."""
        request = pb.RenewRunsRequest(governor=governor, epochs=dict(epochs), lease=_duration(lease_s))
        answer = await self._calls.call(lambda stub: stub.RenewRuns(request))
        return list(answer.runs), list(answer.lost)

    async def record_transition(self, request: pb.RecordTransitionRequest) -> run_pb2.Run:
        """Make a governor's transition durable, before it takes effect."""
        answer: pb.RecordTransitionResponse = await self._calls.call(lambda stub: stub.RecordTransition(request))
        return answer.run

    async def seal_phase(self, request: pb.SealPhaseRequest) -> run_pb2.PhaseSummary:
        """Audit a phase and turn its segments into Parquet.

        Raises:
            FailedPreconditionError: AUDIT_FAILED, with the counts.
        """
        answer: pb.SealPhaseResponse = await self._calls.call(lambda stub: stub.SealPhase(request, timeout=LONG_S))
        return answer.phase

    async def list_episodes(self, run: str, phase: int | None = None) -> list[run_pb2.EpisodeSummary]:
        """Return the committed episodes of a run, or of one phase, by phase, mode, rollout, episode."""
        request = pb.ListEpisodesRequest(run=run, phase=phase)

        async def collect(stub: Any) -> list[run_pb2.EpisodeSummary]:
            return [episode async for page in stub.ListEpisodes(request) for episode in page.episodes]

        return await self._calls.call(collect)

    async def watch_run(self, run: str, after_revision: int = 0) -> AsyncIterator[run_pb2.RunEvent]:
        """Yield the events after a revision and those to come, until the run has ended; goes on after an outage."""
        attempts = self._calls.attempts()
        while True:
            stub = await self._calls.stub()
            stream = stub.WatchRun(pb.WatchRunRequest(run=run, after_revision=after_revision))
            try:
                async for message in stream:
                    attempts = self._calls.attempts()
                    after_revision = max(after_revision, message.event.revision)
                    yield message.event
                return
            except SparringError as error:
                await self._calls.pause(error, stub, attempts)
            finally:
                stream.cancel()

    async def save_brain_state(self, run: str, epoch: int, phase: int, agent: str, tag: str, saved: Saved) -> None:
        """Keep a brain state; `tag` is `phase-end` or `episode-N`."""
        messages = brain_state_messages(run, epoch, phase, agent, tag, saved)
        await self._calls.call(lambda stub: stub.SaveBrainState(iter(messages), timeout=LONG_S))

    async def load_brain_state(
        self, run: str, agent: str, phase: int | None = None, tag: str = "", *, committed_only: bool = False
    ) -> Saved:
        """Return a brain state, checked against its digest.

        Args:
            run: A run, or the uid of a document, meaning its newest finished run.
            agent: Whose brain.
            phase: None means the newest of any phase.
            tag: Empty means the newest.
            committed_only: Only a state all of whose episodes are committed.

        Raises:
            NotFoundError: BRAIN_STATE_UNKNOWN.
            InternalError: BRAIN_STATE_DAMAGED.
        """
        request = pb.LoadBrainStateRequest(run=run, phase=phase, agent=agent, tag=tag, committed_only=committed_only)

        async def load(stub: Any) -> Saved:
            return brain_state_of([message async for message in stub.LoadBrainState(request)])

        return await self._calls.call(load)

    async def read_experience(self, request: pb.ReadExperienceRequest) -> AsyncIterator[pb.ReadExperienceResponse]:
        """Yield what a brain was given.

        Raises:
            NotFoundError: RUN_UNKNOWN, AGENT_UNKNOWN.
            FailedPreconditionError: DATA_DAMAGED.
        """
        stub = await self._calls.stub()
        with contextlib.ExitStack() as stack:
            stream = stub.ReadExperience(request, timeout=LONG_S)
            stack.callback(stream.cancel)
            async for message in stream:
                yield message

    async def verify_run(self, run: str) -> AsyncIterator[pb.VerifyRunResponse]:
        """Recompute the digests of a run: yields what differs, then the summary."""
        stub = await self._calls.stub()
        with contextlib.ExitStack() as stack:
            stream = stub.VerifyRun(pb.VerifyRunRequest(run=run), timeout=LONG_S)
            stack.callback(stream.cancel)
            async for message in stream:
                yield message

    async def query(self, sql: str) -> bytes:
        """Return the answer to a read-only statement as an Arrow IPC stream.

        Raises:
            InvalidArgumentError: QUERY_INVALID.
        """

        async def collect(stub: Any) -> bytes:
            return b"".join([piece.data async for piece in stub.Query(pb.QueryRequest(sql=sql), timeout=LONG_S)])

        return await self._calls.call(collect)


@contextlib.asynccontextmanager
async def find_store(
    broker: BrokerClient, client_id: str, *, access: Access = NO_ACCESS, run: str = ""
) -> AsyncIterator[StoreClient]:
    """Find the store by its name when it is first needed, and talk to it directly, for the length of the block.

    For those whose work waits for the store: one without room is waited for, up to an hour.

    Args:
        broker: Says where it is.
        client_id: Who asks.
        access: Token and TLS material.
        run: On whose behalf, for people.
    """
    async with granted_store(broker, client_id, access=access, run=run) as place:
        yield StoreClient(place, full=FULL)


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration
