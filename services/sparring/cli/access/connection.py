"""Calls of the governor, the store and the broker itself, through one broker; what comes back are records."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from sparring.api.broker.v1 import management_service_pb2 as management
from sparring.api.broker.v1 import management_service_pb2_grpc as management_grpc
from sparring.api.governor.v1 import governor_service_pb2 as governor
from sparring.api.governor.v1 import governor_service_pb2_grpc as governor_grpc
from sparring.api.store.v1 import store_service_pb2 as store
from sparring.api.store.v1 import store_service_pb2_grpc as store_grpc
from sparring.cli.access.decoding import (
    decode_difference,
    decode_episode,
    decode_event,
    decode_phase,
    decode_progress,
    decode_run,
    decode_verified,
)
from sparring.cli.access.records import (
    DifferenceRecord,
    EpisodeRecord,
    EventRecord,
    PhaseRecord,
    ProgressRecord,
    RunRecord,
    VerifiedRecord,
)
from sparring.cli.access.run_book import Wish
from sparring.cli.access.submissions import Submissions, is_submission
from sparring.client.broker_channel import open_broker_channel
from sparring.client.service_calls import ServiceChannel
from sparring.codec.faults import decode_struck
from sparring.rpc.channels import Channel
from sparring.rpc.retry import retried
from sparring.rpc.tls import Tls, read_tls
from sparring.rpc.tokens import read_token
from sparring.types.errors import LostError, UnavailableError
from sparring.types.faults import StruckFault

START_S: Final = 120.0
"""A document is checked, and hosts may be asked about it, before its run is durable."""

LATEST: Final = "latest"
_THERE: Final = 200
_WISHES: Final[dict[Wish, store.RequestRunRequest.Wish]] = {
    "cancel": store.RequestRunRequest.WISH_CANCEL,
    "pause": store.RequestRunRequest.WISH_PAUSE,
    "resume": store.RequestRunRequest.WISH_RESUME,
}
_VERIFY_S: Final = 24 * 3600.0


class Connection:
    """The services behind one broker.

    Attributes:
        submissions: runs on their way to a governor; None if nobody keeps any: the governor is asked itself.
    """

    def __init__(self, channel: Channel, *, durable: bool = True) -> None:
        self.channel = channel
        self.submissions = Submissions(channel) if durable else None
        # What a governor is asked is idempotent, and the store is only read: another worker may take over.
        self._governor: Any = governor_grpc.GovernorServiceStub(ServiceChannel(channel, "governor", retry_safe=True))
        self._store: Any = store_grpc.StoreServiceStub(ServiceChannel(channel, "store", retry_safe=True))
        self._management: Any = management_grpc.ManagementServiceStub(channel)

    async def start_run(self, document: bytes, file_name: str, *, seed: int | None, placement: str) -> RunRecord:
        """Submit a document; a seed or a placement goes before the document's."""
        request = governor.StartRunRequest(
            client_token=uuid.uuid4().hex, document=document, file_name=file_name, seed=seed, placement=placement
        )
        answer = await retried(
            lambda: self._governor.StartRun(request, timeout=START_S), on=(UnavailableError, LostError)
        )
        return decode_run(answer.run)

    async def wish(self, run: str, wish: Wish) -> RunRecord:
        """Ask something of the owner of a run: to end, hold or go on at its next step boundary."""
        calls: dict[Wish, tuple[Any, Any]] = {
            "cancel": (self._governor.CancelRun, governor.CancelRunRequest),
            "pause": (self._governor.PauseRun, governor.PauseRunRequest),
            "resume": (self._governor.ResumeRun, governor.ResumeRunRequest),
        }
        if self.submissions is not None and is_submission(run):
            found = await (self.submissions.cancel(run) if wish == "cancel" else self.submissions.find(run))
            if found.over or is_submission(found.run):
                return found
            run = found.run
        if not await self._governed():  # one that comes will heed it
            noted = store.RequestRunRequest(run=run, wish=_WISHES[wish])
            return decode_run((await self._store.RequestRun(noted)).run)
        call, request = calls[wish]
        return decode_run((await call(request(run=run))).run)

    async def watch_run(self, run: str, after_revision: int = 0) -> AsyncIterator[EventRecord | ProgressRecord]:
        """Yield a run's durable events after a revision, with progress in between, until it has ended."""
        if self.submissions is not None and is_submission(run):
            run = (await self.submissions.started(run)).run
        name = await self._named(run)
        if not await self._governed():
            async for event in self._until_governed(name, after_revision):
                yield event
            return
        request = governor.WatchRunRequest(run=name, after_revision=after_revision)
        async for message in self._governor.WatchRun(request):
            kind = message.WhichOneof("kind")
            if kind == "event":
                yield decode_event(message.event)
            elif kind == "progress":
                yield decode_progress(message.progress)

    async def runs(self, limit: int) -> list[RunRecord]:
        """Return the newest runs, newest first."""
        found: list[RunRecord] = [] if self.submissions is None else (await self.submissions.list())[:limit]
        token = ""
        while len(found) < limit:
            request = store.ListRunsRequest(page_size=min(limit - len(found), 1000), page_token=token)
            page = await self._store.ListRuns(request)
            found += map(decode_run, page.runs)
            token = page.next_page_token
            if not token:
                break
        return found

    async def run(self, run: str) -> tuple[RunRecord, list[PhaseRecord]]:
        """Return a run (its name, that of its submission, or `latest`) with its phases so far."""
        if self.submissions is not None and is_submission(run):
            submitted = await self.submissions.find(run)
            if is_submission(submitted.run):
                return submitted, []
            run = submitted.run
        answer = await self._store.GetRun(store.GetRunRequest(run=run))
        return decode_run(answer.run), [decode_phase(phase) for phase in answer.phases]

    async def faults(self, run: str) -> list[StruckFault]:
        """Return the faults of its document that struck in a run."""
        if self.submissions is not None and is_submission(run):
            return []
        answer = await self._store.ListFaults(store.ListFaultsRequest(run=await self._named(run)))
        return [decode_struck(fault) for fault in answer.faults]

    async def document(self, run: str) -> tuple[bytes, str, str]:
        """Return the document of a run, its file name, and the placement that overrides it."""
        if self.submissions is not None and is_submission(run):
            submitted = await self.submissions.find(run)
            if is_submission(submitted.run):
                return b"", submitted.uid, ""
            run = submitted.run
        answer = await self._store.GetDocument(store.GetDocumentRequest(run=await self._named(run)))
        return answer.document, answer.file_name, answer.placement

    async def episodes(self, run: str) -> AsyncIterator[EpisodeRecord]:
        """Yield the committed episodes of a run, by phase, mode, rollout, episode."""
        request = store.ListEpisodesRequest(run=await self._named(run))
        async for page in self._store.ListEpisodes(request):
            for episode in page.episodes:
                yield decode_episode(episode)

    async def verify(self, run: str) -> AsyncIterator[DifferenceRecord | VerifiedRecord]:
        """Recompute the digests of a run: yields what differs, then the summary."""
        request = store.VerifyRunRequest(run=await self._named(run))
        async for message in self._store.VerifyRun(request, timeout=_VERIFY_S):
            if message.WhichOneof("kind") == "difference":
                yield decode_difference(message.difference)
            else:
                yield decode_verified(message.verified)

    async def query(self, sql: str) -> bytes:
        """Return the answer to a statement as an Arrow IPC stream."""
        pieces = self._store.Query(store.QueryRequest(sql=sql), timeout=_VERIFY_S)
        return b"".join([piece.data async for piece in pieces])

    async def _named(self, run: str) -> str:
        """Return the name of a run; only GetRun knows what `latest` is."""
        return (await self.run(run))[0].run if run == LATEST else run

    async def _governed(self) -> bool:
        """Ask whether any governor is registered."""
        answer = await self._management.Query(management.QueryRequest(name="mmi.service", body="governor"))
        return int(answer.code) == _THERE

    async def _until_governed(self, run: str, after_revision: int) -> AsyncIterator[EventRecord]:
        """Yield a run's durable events, from the store, until a governor has it or it has ended."""
        async for event in self.stored_events(run, after_revision):
            yield event
            if event.run.governor:
                return

    async def stored_events(self, run: str, after_revision: int = 0) -> AsyncIterator[EventRecord]:
        """Yield a run's durable events after a revision, and those to come, from the store, governed or not."""
        async for message in self._store.WatchRun(store.WatchRunRequest(run=run, after_revision=after_revision)):
            yield decode_event(message.event)

    async def services(self) -> list[management.ServiceStatus]:
        """Return who is registered."""
        return list((await self._management.ListServices(management.ListServicesRequest())).services)

    async def watch_services(self) -> AsyncIterator[list[management.ServiceStatus]]:
        """Yield who is registered, at once and after every change."""
        async for message in self._management.WatchServices(management.WatchServicesRequest()):
            yield list(message.services)


@contextlib.asynccontextmanager
async def connected(broker: str, *, own: bool = False) -> AsyncIterator[Connection]:
    """Connect to a broker for the length of the block.

    Args:
        broker: host:port.
        own: it is in this process or was started by it: plain, whatever token and TLS material the environment names.

    Raises:
        InvalidArgumentError: BAD_ADDRESS, or what the environment names cannot be read.
    """
    token, tls = (None, None) if own else access()
    async with open_broker_channel(broker, token=token, tls=tls) as channel:
        yield Connection(channel, durable=not own)


def access() -> tuple[str | None, Tls | None]:
    """Return the token and the TLS material that the environment names."""
    path = _file("SPARRING_TOKEN_FILE")
    tls = read_tls(_file("SPARRING_TLS_CERTIFICATE"), _file("SPARRING_TLS_KEY"), _file("SPARRING_TLS_AUTHORITY"))
    return None if path is None else read_token(path), tls


def _file(variable: str) -> Path | None:
    name = os.environ.get(variable)
    return Path(name) if name else None
