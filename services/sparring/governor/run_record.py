"""A run as the governor knows it from the store: how it stands, who owns it, and the transitions that change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sparring.types.episode import EpisodeSummary
from sparring.types.mode import Mode


class Status(StrEnum):
    """How a run stands."""

    SUBMITTED = "submitted"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self in (Status.FINISHED, Status.FAILED, Status.CANCELLED)


class StateName(StrEnum):
    """The states of a run governor, in the words of the blueprint."""

    PRISTINE = "PRISTINE"
    INITIALIZING = "INITIALIZING"
    STARTING_SETUP = "STARTING_SETUP"
    STARTING_SIMULATION_CONTROLLERS = "STARTING_SIMULATION_CONTROLLERS"
    STARTING_ENVIRONMENT_CONDUCTORS = "STARTING_ENVIRONMENT_CONDUCTORS"
    STARTING_AGENT_CONDUCTORS = "STARTING_AGENT_CONDUCTORS"
    STARTING_RUN = "STARTING_RUN"
    TRANSCEIVING = "TRANSCEIVING"
    HANDLING_SIMULATION_CONTROLLER_TERMINATION = "HANDLING_SIMULATION_CONTROLLER_TERMINATION"
    HANDLING_DEAD_WORKERS = "HANDLING_DEAD_WORKERS"
    ERROR_HANDLING_INITIALIZING = "ERROR_HANDLING_INITIALIZING"
    ERROR_HANDLING_STARTING = "ERROR_HANDLING_STARTING"
    ERROR_HANDLING_TRANSCEIVING = "ERROR_HANDLING_TRANSCEIVING"
    STOPPING_SIMULATION = "STOPPING_SIMULATION"
    STOPPING_RUN = "STOPPING_RUN"
    STOPPING_TRANSCEIVING = "STOPPING_TRANSCEIVING"
    FINALIZING = "FINALIZING"
    DONE = "DONE"


class Wish(StrEnum):
    """What a user may ask of a run."""

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a document, as it stands in the store.

    Attributes:
        run: Its name.
        uid: Of the document.
        status: How it stands.
        state: The state that its owner entered last.
        phase: Number of the current phase.
        governor: Its owner; empty if nobody is.
        epoch: Of the owner.
        revision: Number of its last event.
        seed: The run's seed.
        error_reason: Why it fails; empty unless it does.
        error_message: The same for people.
        digest: Of its train and test episodes; empty until it is finished.
        cancel_requested: A user asked to cancel.
        pause_requested: A user asked to pause.
    """

    run: str
    uid: str = ""
    status: Status = Status.SUBMITTED
    state: StateName = StateName.PRISTINE
    phase: int = 0
    governor: str = ""
    epoch: int = 0
    revision: int = 0
    seed: int = 0
    error_reason: str = ""
    error_message: str = ""
    digest: bytes = b""
    cancel_requested: bool = False
    pause_requested: bool = False


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One durable event in the life of a run; `episode` if it is a commit."""

    revision: int
    run: Run
    message: str = ""
    episode: EpisodeSummary | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A document on its way to become a run.

    `fingerprint` is of its content; `deterministic` is False with asynchronous learning.
    """

    client_token: str
    uid: str
    document: bytes
    file_name: str
    seed: int
    placement: str
    fingerprint: bytes
    deterministic: bool


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """The document of a run, as it was submitted."""

    document: bytes
    file_name: str
    placement: str
    seed: int


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a run governor, to be durable before it takes effect.

    Attributes:
        ordinal: Counts the owner's transitions from 1.
        state: The state entered.
        status: How the run stands with it.
        error_reason: Why the run fails, UPPER_SNAKE; empty unless it does.
    """

    run: str
    epoch: int
    ordinal: int
    state: StateName
    status: Status
    phase: int = 0
    phase_name: str = ""
    mode: Mode = Mode.TRAIN
    message: str = ""
    error_reason: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How an owner's runs stand: those it still owns, with their users' wishes, and the names of those it has lost."""

    runs: tuple[Run, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """Committed episodes of a rollout worker, and their steps."""

    episodes: int
    steps: int


@dataclass(frozen=True, slots=True)
class Sealing:
    """A phase that is over, with what its rollout workers say they sent."""

    run: str
    epoch: int
    phase: int
    mode: Mode
    sent: Mapping[int, Count] = field(default_factory=dict)
