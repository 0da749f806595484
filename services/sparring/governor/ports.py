"""What a run governor needs of others: broker, store, brains, rollout workers, and somebody who describes components.

Every call of a port has its own deadline and its own retries behind it; it raises SparringErrors only. An error with
the reason EPOCH_STALE means that somebody else owns the run now.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sparring.experiment.run import Phase
from sparring.governor.rollout_frames import Decision, RolloutFrame
from sparring.governor.run_record import (
    Renewal,
    Run,
    RunEvent,
    Sealing,
    StoredDocument,
    Submission,
    Transition,
    Wish,
)
from sparring.types.declaration import Component, Declaration, Timeouts
from sparring.types.episode import EpisodeKey, EpisodeSummary
from sparring.types.holding import SessionEvent
from sparring.types.learning import BrainStarted, Learn, Learned, Saved, StartBrain
from sparring.types.plan import Grant, RolloutPlan


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of a bundle; `component` empty means any worker of the service."""

    service: str
    component: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Slots that are granted together or not at all.

    Attributes:
        run: On whose behalf.
        slots: By label.
        at_head: Go to the head of the queue: something was lost and comes back.
        wait_s: How long to wait for all of it.
        lifetime_s: How long the grants are good before they are used.
    """

    run: str
    slots: Mapping[str, Slot]
    at_head: bool
    wait_s: float
    lifetime_s: float


Announced = Mapping[str, Sequence[frozenset[str]]]
"""By service: for each of its live workers, the names of the components that it has announced."""


class SlotBroker(Protocol):
    """The broker, as far as a governor needs it."""

    async def acquire(self, bundle: Bundle) -> Mapping[str, Grant]:
        """Wait for a bundle; returns its grants by label. Cancelling leaves the queue.

        Raises:
            DeadlineError: BUNDLE_UNAVAILABLE, saying what lacks.
            NotFoundError: COMPONENT_UNKNOWN.
        """

    async def release(self, tokens: Sequence[str]) -> None:
        """Give sessions back, whatever their state. Idempotent."""

    async def release_run(self, run: str) -> None:
        """Give back all sessions on behalf of a run, whoever asked for them. Idempotent."""

    def watch(self, tokens: Sequence[str]) -> AsyncIterator[SessionEvent]:
        """Tell what becomes of sessions: one event for each, then every change.

        Goes on over restarts of the broker; never ends by itself.
        """

    async def announced(self) -> Announced:
        """Return who can run what."""


@dataclass(frozen=True, slots=True)
class BrainStateHeader:
    """What names a kept brain state; `tag` is `phase-end` or `episode-N`."""

    run: str
    epoch: int
    phase: int
    agent: str
    tag: str


@dataclass(frozen=True, slots=True)
class Given:
    """A piece of what a brain was given: some steps of an episode, or its end, in the form of the experience stream."""

    key: EpisodeKey
    ended: bool
    frame: Any


class RunStore(Protocol):
    """The store, as far as a governor needs it."""

    async def create(self, submission: Submission) -> Run:
        """Make a run; idempotent by its client token."""

    async def get(self, run: str) -> Run:
        """Return a run.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """

    async def document(self, run: str) -> StoredDocument:
        """Return the document of a run."""

    async def request(self, run: str, wish: Wish) -> Run:
        """Note a user's wish.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: RUN_ALREADY_TERMINAL.
        """

    async def claim(self, governor: str, limit: int, lease_s: float, runs: Sequence[str] = ()) -> Sequence[Run]:
        """Become the owner of at most `limit` submitted or lapsed runs; of `runs` only, if any are named."""

    async def renew(self, governor: str, epochs: Mapping[str, int], lease_s: float) -> Renewal:
        """Say that the owner of these runs lives."""

    async def record(self, transition: Transition) -> Run:
        """Make a transition durable. Idempotent by run, epoch and ordinal."""

    async def seal(self, sealing: Sealing) -> None:
        """Audit and close a phase. Idempotent.

        Raises:
            FailedPreconditionError: AUDIT_FAILED.
        """

    async def episodes(self, run: str, phase: int) -> Sequence[EpisodeSummary]:
        """Return the committed episodes of a phase, by mode, rollout, episode."""

    async def save_brain(self, header: BrainStateHeader, saved: Saved) -> None:
        """Keep a brain state. Idempotent by header."""

    async def load_brain(self, run: str, phase: int | str | None, agent: str, *, committed_only: bool = False) -> Saved:
        """Return the newest state of an agent's brain.

        Args:
            run: A run, or the uid of a document, meaning its newest finished run.
            phase: Number or name; None means any.
            agent: Whose brain.
            committed_only: Only a state all of whose episodes are committed.

        Raises:
            NotFoundError: BRAIN_STATE_UNKNOWN, RUN_UNKNOWN.
        """

    def experience(
        self, run: str, phase: Phase, agent: str, contained: Sequence[EpisodeKey], *, as_committed: bool
    ) -> AsyncGenerator[Given]:
        """Yield the committed experience of an agent that is not contained, in learning order.

        Args:
            run: The run.
            phase: The phase.
            agent: Whose.
            contained: The last episode of each rollout worker that is not wanted any more.
            as_committed: In the order of the commits; otherwise by round, rollout worker, lane.
        """

    def watch(self, run: str, after_revision: int) -> AsyncIterator[RunEvent]:
        """Yield the events after a revision and those to come, until the run has ended."""


class BrainSession(Protocol):
    """The owner's conversation with one brain. Each request waits for its answer, as long as author code may take."""

    async def start(self, start: StartBrain) -> BrainStarted:
        """Make the brain.

        Raises:
            AuthorError, HungError, LostError: What became of it.
            InvalidArgumentError, FailedPreconditionError: It refuses.
        """

    async def learn(self, learn: Learn) -> Learned:
        """Learn from committed episodes; raises as `start`."""

    async def give(self, given: Given) -> None:
        """Give committed experience once more; raises as `start`."""

    async def given(self) -> None:
        """Say that all is given. Never raises."""

    async def save(self) -> Saved:
        """Hand out the state; raises as `start`."""

    async def shutdown(self) -> None:
        """End the session in good order; raises as `start`."""

    async def close(self) -> None:
        """Release the stream, without a farewell. Never raises; may be called twice."""


class Brains(Protocol):
    """Reaches brains."""

    def open(self, agent: str, grant: Grant, epoch: int, timeouts: Timeouts) -> BrainSession:
        """Prepare a conversation under the owner's epoch; nothing is sent yet."""


class RolloutStream(Protocol):
    """The control stream of one rollout worker.

    It comes back by Attach where the connection breaks; `frames` then may repeat themselves.
    """

    async def start(self, plan: RolloutPlan, decision: Decision) -> None:
        """Begin."""

    async def decide(self, decision: Decision) -> None:
        """Say how it goes on."""

    async def pause(self) -> None:
        """Hold at the next step boundary."""

    async def resume(self) -> None:
        """Go on."""

    async def cancel(self) -> None:
        """Stop at the next step boundary; the running episode is discarded."""

    async def lose(self, token: str, reason: str, message: str) -> None:
        """Say that the other end of one of its sessions is gone for good."""

    def frames(self) -> AsyncIterator[RolloutFrame]:
        """Yield what it tells; the last frame is `RolloutEnded`.

        Raises:
            LostError: The rollout worker is gone.
            SparringError: It refuses (SLOT_TAKEN, PLAN_INVALID, EPOCH_STALE).
        """

    async def close(self) -> None:
        """Release the stream, without a farewell. Never raises; may be called twice."""


class Rollouts(Protocol):
    """Reaches simulation controllers."""

    def open(self, grant: Grant, epoch: int) -> RolloutStream:
        """Prepare a control stream under the owner's epoch; nothing is sent yet."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a component can be asked about: a service behind the broker, or a fixed address; one of them is empty."""

    component: Component
    service: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentDescription:
    """What an environment offers; uids are its own."""

    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]


class Describer(Protocol):
    """Says what components are, before anything starts. Raises what the component's host says, naming the component.

    `timeout_s` is the deadline of author code.
    """

    async def environment(self, source: Source, timeout_s: float) -> EnvironmentDescription:
        """Describe an environment."""

    async def muscle(self, source: Source, filters: Sequence[Component], timeout_s: float) -> None:
        """Find out whether a muscle can be made."""

    async def brain(
        self, source: Source, objective: Component | None, filters: Sequence[Component], timeout_s: float
    ) -> None:
        """Find out whether a brain can be made."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them together: the governor's client."""

    broker: SlotBroker
    store: RunStore
    brains: Brains
    rollouts: Rollouts
    describer: Describer


PortsOf = AbstractAsyncContextManager[Ports]
"""Ports that are open for the length of a block."""
