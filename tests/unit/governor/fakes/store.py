"""A store in memory: runs with owners and epochs, committed episodes, brain states."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from sparring.experiment.run import Phase
from sparring.governor.ports import BrainStateHeader, Given
from sparring.governor.run_record import (
    Count,
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
from sparring.types.errors import FailedPreconditionError, NotFoundError, SparringError
from sparring.types.learning import Saved
from sparring.types.mode import Mode
from tests.unit.governor.fakes.log import Log


class FakeStore:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.runs: dict[str, Run] = {}
        self.documents: dict[str, StoredDocument] = {}
        self.transitions: list[Transition] = []
        self.events: dict[str, list[RunEvent]] = {}
        self.committed: dict[tuple[str, EpisodeKey], EpisodeSummary] = {}
        self.brains: dict[tuple[str, int, str], list[tuple[str, Saved]]] = {}
        self.sealed: list[Sealing] = []
        self.lapsed: set[str] = set()
        self.failing: dict[str, SparringError] = {}
        self.on_record: Callable[[Transition], object] = lambda transition: None
        self.on_seal: Callable[[], object] = lambda: None
        self.changed = asyncio.Event()
        self._tokens: dict[str, str] = {}
        self._numbers = itertools.count(1)

    async def create(self, submission: Submission) -> Run:
        self._maybe_fail("create")
        if submission.client_token in self._tokens:
            return self.runs[self._tokens[submission.client_token]]
        name = f"{submission.uid}-{next(self._numbers)}"
        self._tokens[submission.client_token] = name
        self.documents[name] = StoredDocument(
            submission.document, submission.file_name, submission.placement, submission.seed
        )
        self._keep(Run(name, submission.uid, seed=submission.seed), "submitted")
        return self.runs[name]

    async def get(self, run: str) -> Run:
        return self._find(run)

    async def document(self, run: str) -> StoredDocument:
        self._maybe_fail("document")
        return self.documents[self._find(run).run]

    async def request(self, run: str, wish: Wish) -> Run:
        found = self._find(run)
        if found.status.terminal:
            raise FailedPreconditionError("RUN_ALREADY_TERMINAL", f"Run {run} is already {found.status}.")
        match wish:
            case Wish.CANCEL if not found.governor:
                found = replace(found, cancel_requested=True, status=Status.CANCELLED, state=StateName.DONE)
            case Wish.CANCEL:
                found = replace(found, cancel_requested=True)
            case _:
                found = replace(found, pause_requested=wish is Wish.PAUSE)
        self._keep(found, f"wish: {wish}")
        return found

    async def claim(self, governor: str, limit: int, lease_s: float, runs: Sequence[str] = ()) -> Sequence[Run]:
        self._maybe_fail("claim")
        claimed: list[Run] = []
        for run in list(self.runs.values()):
            free = not run.governor or run.run in self.lapsed
            if len(claimed) < limit and free and not run.status.terminal and (not runs or run.run in runs):
                claimed.append(self.give(run.run, governor))
        return claimed

    def give(self, run: str, governor: str) -> Run:
        """Make somebody the owner of a run, under a new epoch."""
        found = self._find(run)
        self.lapsed.discard(run)
        owned = replace(found, governor=governor, epoch=found.epoch + 1, status=Status.RUNNING)
        self.runs[run] = owned
        return owned

    async def renew(self, governor: str, epochs: Mapping[str, int], lease_s: float) -> Renewal:
        self._maybe_fail("renew")
        runs = [self.runs[run] for run in epochs]
        owned = [run for run in runs if run.governor == governor and run.epoch == epochs[run.run]]
        return Renewal(tuple(owned), tuple(run.run for run in runs if run not in owned))

    async def record(self, transition: Transition) -> Run:
        self._maybe_fail("record")
        run = self._find(transition.run)
        if transition.epoch < run.epoch:
            raise FailedPreconditionError("EPOCH_STALE", f"Epoch {transition.epoch} of {run.run} is over.")
        assert transition.ordinal == 1 + sum(
            (one.run, one.epoch) == (transition.run, transition.epoch) for one in self.transitions
        )
        self.transitions.append(transition)
        self.log.append(f"record {transition.state} {transition.status}")
        run = replace(
            run,
            state=transition.state,
            status=transition.status,
            phase=transition.phase,
            error_reason=transition.error_reason or run.error_reason,
            error_message=transition.error_message or run.error_message,
        )
        self._keep(run, transition.message)
        self.on_record(transition)
        return run

    async def seal(self, sealing: Sealing) -> None:
        self._maybe_fail("seal")
        self.on_seal()
        stored: dict[int, Count] = {}
        for (run, key), summary in self.committed.items():
            if run == sealing.run and (key.phase, key.mode) == (sealing.phase, sealing.mode):
                before = stored.get(key.rollout, Count(0, 0))
                stored[key.rollout] = Count(before.episodes + 1, before.steps + summary.steps)
        if stored != dict(sealing.sent):
            raise FailedPreconditionError("AUDIT_FAILED", f"sent {sealing.sent}, stored {stored}")
        self.log.append(f"seal {sealing.phase}")
        self.sealed.append(sealing)

    async def episodes(self, run: str, phase: int) -> Sequence[EpisodeSummary]:
        return [one for (name, key), one in self.committed.items() if name == run and key.phase == phase]

    async def save_brain(self, header: BrainStateHeader, saved: Saved) -> None:
        self._maybe_fail("save_brain")
        self.log.append(f"save {header.agent} {header.tag}")
        self.brains.setdefault((header.run, header.phase, header.agent), []).append((header.tag, saved))

    async def load_brain(self, run: str, phase: int | str | None, agent: str, *, committed_only: bool = False) -> Saved:
        for (name, number, whose), states in reversed(self.brains.items()):
            if (name, whose) == (run, agent) and phase in (None, number):
                for _, saved in reversed(states):
                    if not committed_only or all((run, key) in self.committed for key in saved.contains):
                        return saved
        raise NotFoundError("BRAIN_STATE_UNKNOWN", f"There is no state of {agent} in phase {phase} of {run}.")

    async def experience(
        self, run: str, phase: Phase, agent: str, contained: Sequence[EpisodeKey], *, as_committed: bool
    ) -> AsyncGenerator[Given]:
        known = {key.rollout: key.episode for key in contained}
        keys = [
            key
            for name, key in self.committed
            if (name, key.phase, key.mode) == (run, phase.number, phase.mode)
            and key.episode > known.get(key.rollout, -1)
        ]
        for key in keys if as_committed else sorted(keys, key=lambda key: (key.episode, key.rollout)):
            yield Given(key, False, f"steps for {agent}")
            yield Given(key, True, f"end for {agent}")

    async def watch(self, run: str, after_revision: int) -> AsyncIterator[RunEvent]:
        self._find(run)
        seen = after_revision
        while True:
            changed = self.changed
            for event in self.events[run][seen:]:
                seen = event.revision
                yield event
                if event.run.status.terminal:
                    return
            await changed.wait()

    def commit(self, run: str, key: EpisodeKey, steps: int = 10) -> EpisodeSummary:
        """Commit an episode as a rollout worker does; a second time returns the first."""
        summary = EpisodeSummary(key, steps, 1.0, {}, True, False, b"d" * 32, {})
        return self.committed.setdefault((run, key), summary)

    def keys(self, run: str, phase: int = 0, mode: Mode = Mode.TRAIN) -> list[tuple[int, int]]:
        """Return (rollout, episode) of all that is committed."""
        found = [key for name, key in self.committed if (name, key.phase, key.mode) == (run, phase, mode)]
        return sorted((key.rollout, key.episode) for key in found)

    def fail(self, method: str, error: SparringError) -> None:
        """Let a method fail until `failing` is cleared."""
        self.failing[method] = error

    def _maybe_fail(self, method: str) -> None:
        if method in self.failing:
            raise self.failing[method]

    def _find(self, run: str) -> Run:
        if run not in self.runs:
            raise NotFoundError("RUN_UNKNOWN", f"There is no run {run}.")
        return self.runs[run]

    def _keep(self, run: Run, message: str) -> None:
        events = self.events.setdefault(run.run, [])
        run = replace(run, revision=len(events) + 1)
        self.runs[run.run] = run
        events.append(RunEvent(run.revision, run, message))
        self.changed.set()
        self.changed = asyncio.Event()
