"""How a run stands: everything that was gathered about it at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sparring.cli.access.records import EpisodeRecord, EventRecord, ProgressRecord, RunRecord
from sparring.experiment.run import ExperimentRun, Phase


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session that a worker holds; `state` is connected, expected or suspended."""

    state: str
    component: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A worker as the broker sees it.

    Attributes:
        worker: its name.
        place: host and process id, as far as it says.
        slots: in all; None: any number.
        silent_s: since its last message.
        lease_left_s: until it is lost if nothing more is heard of it.
    """

    worker: str
    place: str = ""
    slots: int | None = 1
    sessions: tuple[SessionRecord, ...] = ()
    silent_s: float = 0.0
    lease_left_s: float = 7.5

    @property
    def free(self) -> int:
        """Slots that nobody holds; 0 without a limit, where it is of no interest."""
        return 0 if self.slots is None else max(self.slots - len(self.sessions), 0)


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A service as the broker sees it; `oldest_wait_s` is of calls and bundles."""

    service: str
    workers: tuple[WorkerRecord, ...] = ()
    queued_bundles: int = 0
    oldest_wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MovementRecord:
    """The newest progress of a rollout worker.

    Attributes:
        progress: it.
        still_s: for how long it has been seen to stay the same.
        moved: whether it has been seen to change.
    """

    progress: ProgressRecord
    still_s: float = 0.0
    moved: bool = True


@dataclass(frozen=True, slots=True)
class LossRecord:
    """Something that was lost.

    Attributes:
        time: when it was handled.
        epoch: of the owner that handled it; a new owner counts anew.
        phase: number of the phase.
        rollout: the rollout worker; None if a brain was lost.
        episode: the first one that it had not committed.
        agent: whose brain it was; empty if a rollout worker was lost.
        message: why, for people.
    """

    time: datetime
    epoch: int
    phase: int
    rollout: int | None
    episode: int
    agent: str
    message: str


class Track(NamedTuple):
    """Names a rollout worker of a phase."""

    phase: int
    rollout: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A run and everything around it.

    Attributes:
        now: when it was gathered.
        run: the run.
        entered: the event by which it came into its state.
        last: its last event that is no commit.
        committed: episodes by rollout worker; evaluation is not counted.
        last_commit: the newest committed episode.
        losses: what was lost, oldest first.
        plan: its document; None if it could not be read.
        services: who is registered; None if there is no broker to be asked.
        movements: passing progress, by rollout worker.
        reach: option under which other commands find the run: `--store DIR` or `--connect BROKER`.
        free_bytes: what the disk of a store on this machine has left; None if that is unknown.
        notes: what could not be learned, and why.
    """

    now: datetime
    run: RunRecord
    entered: EventRecord | None = None
    last: EventRecord | None = None
    committed: Mapping[Track, int] = field(default_factory=dict)
    last_commit: EpisodeRecord | None = None
    losses: tuple[LossRecord, ...] = ()
    plan: ExperimentRun | None = None
    services: tuple[ServiceRecord, ...] | None = None
    movements: Mapping[Track, MovementRecord] = field(default_factory=dict)
    reach: str = ""
    free_bytes: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def phase(self) -> Phase | None:
        """The current phase, as planned."""
        if self.plan is None or self.run.phase >= len(self.plan.phases):
            return None
        return self.plan.phases[self.run.phase]

    @property
    def state_s(self) -> float:
        """For how long it is in its state."""
        since = self.run.created if self.entered is None else self.entered.time
        return (self.now - since).total_seconds()

    @property
    def lapsed_s(self) -> float | None:
        """For how long its owner is no longer believed alive; negative: for how long it still is; None without one."""
        until = self.run.lease_until
        return (self.now - until).total_seconds() if self.run.governor and until is not None else None

    def service(self, name: str) -> ServiceRecord | None:
        """Return a service that somebody has registered for or asked for."""
        return next((one for one in self.services or () if one.service == name), None)

    def registered(self, name: str) -> bool:
        """Whether any worker of a service is registered."""
        found = self.service(name)
        return found is not None and bool(found.workers)

    def command(self, *words: str) -> str:
        """Return a command of ours that names this run, in the right place."""
        return f"`{' '.join(('sparring', *words, self.run.run, self.reach)).rstrip()}`"
