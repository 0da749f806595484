"""The store behind the governor's port: its runs and events as plain values."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.client.store_client import StoreClient
from sparring.codec.declaration import encode_mode
from sparring.codec.episode import decode_key, encode_key
from sparring.codec.record import decode_summary
from sparring.experiment.run import Phase
from sparring.governor.ports import BrainStateHeader, Given
from sparring.governor.run_record import (
    Renewal,
    Run,
    RunEvent,
    Sealing,
    StateName,
    Status,
    StoredDocument,
    Submission,
    Transition,
    Wish,
)
from sparring.types.episode import EpisodeKey, EpisodeSummary
from sparring.types.errors import NotFoundError
from sparring.types.learning import Saved

_STATUS: dict[Status, Any] = {status: run_pb2.Run.Status.Value(f"STATUS_{status.name}") for status in Status}
_STATUS_BACK = {number: status for status, number in _STATUS.items()}
_STATE: dict[StateName, Any] = {state: run_pb2.Run.State.Value(f"STATE_{state.name}") for state in StateName}
_STATE_BACK = {number: state for state, number in _STATE.items()}
_WISH: dict[Wish, Any] = {wish: pb.RequestRunRequest.Wish.Value(f"WISH_{wish.name}") for wish in Wish}


class StoredRuns:
    """See `RunStore`."""

    def __init__(self, client: StoreClient) -> None:
        self._client = client

    async def create(self, submission: Submission) -> Run:
        """Make a run."""
        return decode_run(
            await self._client.create_run(
                pb.CreateRunRequest(
                    client_token=submission.client_token,
                    uid=submission.uid,
                    document=submission.document,
                    file_name=submission.file_name,
                    seed=submission.seed,
                    placement=submission.placement,
                    fingerprint=submission.fingerprint,
                    deterministic=submission.deterministic,
                )
            )
        )

    async def get(self, run: str) -> Run:
        """Return a run."""
        return decode_run((await self._client.get_run(run))[0])

    async def document(self, run: str) -> StoredDocument:
        """Return the document of a run."""
        found = await self._client.get_document(run)
        return StoredDocument(found.document, found.file_name, found.placement, found.seed)

    async def request(self, run: str, wish: Wish) -> Run:
        """Note a user's wish."""
        return decode_run(await self._client.request_run(run, _WISH[wish]))

    async def claim(self, governor: str, limit: int, lease_s: float, runs: Sequence[str] = ()) -> Sequence[Run]:
        """Become the owner of runs."""
        return [decode_run(run) for run in await self._client.claim_runs(governor, limit, lease_s, runs)]

    async def renew(self, governor: str, epochs: Mapping[str, int], lease_s: float) -> Renewal:
        """Say that the owner lives."""
        runs, lost = await self._client.renew_runs(governor, epochs, lease_s)
        return Renewal(tuple(decode_run(run) for run in runs), tuple(lost))

    async def record(self, transition: Transition) -> Run:
        """Make a transition durable."""
        return decode_run(
            await self._client.record_transition(
                pb.RecordTransitionRequest(
                    run=transition.run,
                    epoch=transition.epoch,
                    ordinal=transition.ordinal,
                    state=_STATE[transition.state],
                    status=_STATUS[transition.status],
                    phase=transition.phase,
                    phase_name=transition.phase_name,
                    mode=encode_mode(transition.mode),
                    message=transition.message,
                    error_reason=transition.error_reason,
                    error_message=transition.error_message,
                )
            )
        )

    async def seal(self, sealing: Sealing) -> None:
        """Audit and close a phase."""
        await self._client.seal_phase(
            pb.SealPhaseRequest(
                run=sealing.run,
                epoch=sealing.epoch,
                phase=sealing.phase,
                mode=encode_mode(sealing.mode),
                sent=[
                    pb.RolloutCount(rollout=rollout, episodes=count.episodes, steps=count.steps)
                    for rollout, count in sorted(sealing.sent.items())
                ],
            )
        )

    async def episodes(self, run: str, phase: int) -> Sequence[EpisodeSummary]:
        """Return the committed episodes of a phase."""
        return [decode_summary(one) for one in await self._client.list_episodes(run, phase)]

    async def save_brain(self, header: BrainStateHeader, saved: Saved) -> None:
        """Keep a brain state."""
        await self._client.save_brain_state(header.run, header.epoch, header.phase, header.agent, header.tag, saved)

    async def load_brain(self, run: str, phase: int | str | None, agent: str, *, committed_only: bool = False) -> Saved:
        """Return the newest state of an agent's brain."""
        number = await self._phase_number(run, phase) if isinstance(phase, str) else phase
        return await self._client.load_brain_state(run, agent, number, committed_only=committed_only)

    async def experience(
        self, run: str, phase: Phase, agent: str, contained: Sequence[EpisodeKey], *, as_committed: bool
    ) -> AsyncGenerator[Given]:
        """Yield committed experience."""
        request = pb.ReadExperienceRequest(
            run=run,
            phase=phase.number,
            mode=encode_mode(phase.mode),
            agent=agent,
            contained=[encode_key(key) for key in contained],
            order=pb.LEARNING_ORDER_COMMITS if as_committed else pb.LEARNING_ORDER_ROUNDS,
            lanes=phase.lanes,
        )
        async for message in self._client.read_experience(request):
            ended = message.HasField("end")
            yield Given(decode_key(message.episode), ended, message.end if ended else message.batch)

    async def watch(self, run: str, after_revision: int) -> AsyncIterator[RunEvent]:
        """Yield the events of a run."""
        async for event in self._client.watch_run(run, after_revision):
            episode = decode_summary(event.episode) if event.HasField("episode") else None
            yield RunEvent(event.revision, decode_run(event.run), event.message, episode)

    async def _phase_number(self, run: str, name: str) -> int:
        _, phases = await self._client.get_run(await self._run_name(run))
        for phase in phases:
            if phase.name == name:
                return phase.phase
        known = ", ".join(phase.name for phase in phases) or "none"
        raise NotFoundError(
            "BRAIN_STATE_UNKNOWN", f"Run {run} has no phase {name!r}; it has {known}.", run=run, phase=name
        )

    async def _run_name(self, run: str) -> str:
        """Return a run's own name; for the uid of a document, that of its newest finished run."""
        token = ""
        while True:
            page, token = await self._client.list_runs(page_token=token)
            for one in page:
                if one.run == run or (one.uid == run and one.status == _STATUS[Status.FINISHED]):
                    return one.run
            if not token:
                raise NotFoundError("RUN_UNKNOWN", f"There is no finished run of {run!r}.", run=run)


def decode_run(message: run_pb2.Run) -> Run:
    """Read a run."""
    return Run(
        run=message.run,
        uid=message.uid,
        status=_STATUS_BACK.get(message.status, Status.SUBMITTED),
        state=_STATE_BACK.get(message.state, StateName.PRISTINE),
        phase=message.phase,
        governor=message.governor,
        epoch=message.epoch,
        revision=message.revision,
        seed=message.seed,
        error_reason=message.error_reason,
        error_message=message.error_message,
        digest=message.digest,
        cancel_requested=message.cancel_requested,
        pause_requested=message.pause_requested,
    )
