"""A run instance: how it stands, who owns it, and the rules by which that changes. Pure; time is passed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from sparring.types.errors import FailedPreconditionError, InvalidArgumentError
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


class State(StrEnum):
    """The governor's states (blueprint section 8)."""

    PRISTINE = "pristine"
    INITIALIZING = "initializing"
    STARTING_SETUP = "starting_setup"
    STARTING_SIMULATION_CONTROLLERS = "starting_simulation_controllers"
    STARTING_ENVIRONMENT_CONDUCTORS = "starting_environment_conductors"
    STARTING_AGENT_CONDUCTORS = "starting_agent_conductors"
    STARTING_RUN = "starting_run"
    TRANSCEIVING = "transceiving"
    HANDLING_SIMULATION_CONTROLLER_TERMINATION = "handling_simulation_controller_termination"
    HANDLING_DEAD_WORKERS = "handling_dead_workers"
    ERROR_HANDLING_INITIALIZING = "error_handling_initializing"
    ERROR_HANDLING_STARTING = "error_handling_starting"
    ERROR_HANDLING_TRANSCEIVING = "error_handling_transceiving"
    STOPPING_SIMULATION = "stopping_simulation"
    STOPPING_RUN = "stopping_run"
    STOPPING_TRANSCEIVING = "stopping_transceiving"
    FINALIZING = "finalizing"
    DONE = "done"


class Wish(StrEnum):
    """What a user may ask of a run."""

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Submission:
    """A document as it was submitted; fields as in CreateRunRequest."""

    client_token: str
    uid: str
    document: bytes
    file_name: str = ""
    seed: int = 0
    placement: str = ""
    fingerprint: bytes = b""
    deterministic: bool = True


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of the governor's state machine; fields as in RecordTransitionRequest."""

    epoch: int
    ordinal: int
    state: State
    status: Status
    phase: int = 0
    phase_name: str = ""
    mode: Mode = Mode.TRAIN
    message: str = ""
    error_reason: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a document. Methods return the next value or raise.

    Attributes:
        run: its name.
        uid: of the document.
        seed: the run's seed.
        deterministic: False where learning is asynchronous.
        created_ns: when it was submitted; times are nanoseconds since 1970 UTC.
        status: how it stands.
        state: the governor's state.
        phase: number of the current phase.
        governor: its owner; empty if nobody is.
        epoch: of the owner; 0 before the first.
        ordinal: number of the owner's last transition.
        lease_until_ns: until when the owner is believed alive.
        revision: number of the last event.
        ended_ns: when it ended; None while it has not.
        error_reason: why it failed.
        error_message: the same for people.
        digest: of its train and test episodes, once it is finished.
        evaluation_digest: of its evaluation episodes.
        cancel_requested: a user asked to cancel.
        pause_requested: a user asked to pause.
    """

    run: str
    uid: str
    seed: int
    deterministic: bool
    created_ns: int
    status: Status = Status.SUBMITTED
    state: State = State.PRISTINE
    phase: int = 0
    governor: str = ""
    epoch: int = 0
    ordinal: int = 0
    lease_until_ns: int = 0
    revision: int = 0
    ended_ns: int | None = None
    error_reason: str = ""
    error_message: str = ""
    digest: bytes = b""
    evaluation_digest: bytes = b""
    cancel_requested: bool = False
    pause_requested: bool = False

    def check_epoch(self, epoch: int) -> None:
        """Refuse who is not the newest owner.

        Raises:
            FailedPreconditionError: EPOCH_STALE.
            InvalidArgumentError: EPOCH_UNKNOWN, an epoch that was never given out.
        """
        if epoch < self.epoch:
            raise FailedPreconditionError(
                "EPOCH_STALE",
                f"Run {self.run} belongs to {self.governor} in epoch {self.epoch}; epoch {epoch} is over.",
                run=self.run,
                epoch=epoch,
                newest=self.epoch,
            )
        if epoch > self.epoch:
            raise InvalidArgumentError(
                "EPOCH_UNKNOWN",
                f"Run {self.run} is in epoch {self.epoch}; epoch {epoch} was never given out.",
                run=self.run,
                epoch=epoch,
                newest=self.epoch,
            )

    def check_not_ended(self) -> None:
        """Refuse what only a run that goes on can take.

        Raises:
            FailedPreconditionError: RUN_ALREADY_TERMINAL.
        """
        if self.status.terminal:
            raise FailedPreconditionError(
                "RUN_ALREADY_TERMINAL",
                f"Run {self.run} is already {self.status}; nothing can be changed.",
                run=self.run,
                state=self.status,
            )

    def can_be_claimed(self, now_ns: int) -> bool:
        """Whether it goes on and nobody owns it, or its owner has been silent for too long."""
        return not self.status.terminal and (not self.governor or self.lease_until_ns < now_ns)

    def claimed(self, governor: str, now_ns: int, lease_ns: int) -> Run:
        """Return the run with a new owner, under a new epoch."""
        return replace(
            self,
            governor=governor,
            epoch=self.epoch + 1,
            ordinal=0,
            lease_until_ns=now_ns + lease_ns,
            status=Status.PAUSED if self.status is Status.PAUSED else Status.RUNNING,
        )

    def renewed(self, now_ns: int, lease_ns: int) -> Run:
        """Return the run with its lease prolonged."""
        return replace(self, lease_until_ns=now_ns + lease_ns)

    def wished(self, wish: Wish, now_ns: int) -> Run:
        """Return the run with a user's wish noted. One that nobody has begun is cancelled at once.

        Raises:
            FailedPreconditionError: RUN_ALREADY_TERMINAL.
        """
        self.check_not_ended()
        if wish is Wish.PAUSE:
            return replace(self, pause_requested=True)
        if wish is Wish.RESUME:
            return replace(self, pause_requested=False)
        if self.governor:
            return replace(self, cancel_requested=True)
        return replace(self, cancel_requested=True, status=Status.CANCELLED, state=State.DONE, ended_ns=now_ns)

    def entered(self, transition: Transition, now_ns: int) -> Run:
        """Return the run after a transition of its owner; the run itself if that was recorded before.

        A run that has ended may still move through states, but stays as it ended.

        Raises:
            FailedPreconditionError: EPOCH_STALE, ORDINAL_SKIPPED, RUN_ALREADY_TERMINAL.
        """
        self.check_epoch(transition.epoch)
        if transition.ordinal <= self.ordinal:
            return self
        if transition.ordinal != self.ordinal + 1:
            raise FailedPreconditionError(
                "ORDINAL_SKIPPED",
                f"Transition {transition.ordinal} of run {self.run} came after {self.ordinal}; send what lies between.",
                run=self.run,
                ordinal=transition.ordinal,
                last=self.ordinal,
            )
        if transition.status is not self.status:
            self.check_not_ended()
        ends = transition.status.terminal and self.ended_ns is None
        return replace(
            self,
            ordinal=transition.ordinal,
            state=transition.state,
            status=transition.status,
            phase=transition.phase,
            error_reason=transition.error_reason or self.error_reason,
            error_message=transition.error_message or self.error_message,
            ended_ns=now_ns if ends else self.ended_ns,
        )


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One durable event: the run after it, and what happened.

    Attributes:
        time_ns: when it was recorded.
        run: after the event; its revision is the event's.
        message: for people.
    """

    time_ns: int
    run: Run
    message: str
