"""A durable request: how it stands, and the rules by which that changes. Pure; time is passed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CLOSED = "closed"

    @property
    def open(self) -> bool:
        """Whether somebody may still carry it out."""
        return self in OPEN


OPEN = (State.QUEUED, State.WAITING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Order:
    """A request as it was submitted; fields as in SubmitJobRequest, times in nanoseconds."""

    service: str
    method: str
    body: bytes
    client_token: str = ""
    label: str = ""
    timeout_ns: int = 120 * 10**9
    max_attempts: int = 10
    keep_ns: int = 7 * 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True)
class Failure:
    """A gRPC status: its code as a number, its message, its details."""

    code: int
    message: str
    details: bytes = b""


GIVEN_UP = 4  # DEADLINE_EXCEEDED
NEVER_ANSWERED = 14  # UNAVAILABLE
FARTHEST_NS = 300 * 10**9
"""No pause and no lease reaches farther; one that seems to is of a clock that was set back."""


@dataclass(frozen=True, slots=True)
class Job:
    """One durable request, without its body and its reply. Methods return the next value.

    Attributes:
        job: its name.
        client_token: empty if the client made none.
        service: that is to carry it out.
        method: of gRPC; empty for an MDP request.
        label: for people.
        fingerprint: of service, method and body.
        timeout_ns: of one attempt.
        max_attempts: bound of `attempts`.
        created_ns: when it was stored.
        expires_ns: when it is forgotten.
        size_bytes: what it takes, body and reply.
        state: how it stands.
        attempts: begun so far.
        due_ns: not dispatched earlier.
        owner: the dispatcher that carries it out.
        lease_until_ns: until when that one is believed alive.
        ended_ns: when it came to its end.
        failure: why the last attempt failed.
    """

    job: str
    client_token: str
    service: str
    method: str
    label: str
    fingerprint: bytes
    timeout_ns: int
    max_attempts: int
    created_ns: int
    expires_ns: int
    size_bytes: int
    state: State = State.QUEUED
    attempts: int = 0
    due_ns: int = 0
    owner: str = ""
    lease_until_ns: int = 0
    ended_ns: int | None = None
    failure: Failure | None = None

    def taken(self, owner: str, now_ns: int, lease_ns: int) -> Job:
        """Return the job with another attempt begun; one that has used them all up is given up instead.

        The attempt is counted before it begins, so that a job which ends the process that carries it out is bounded.
        """
        if self.attempts >= self.max_attempts:
            last = self.failure or Failure(NEVER_ANSWERED, "whoever carried it out did not live to tell")
            text = f"Given up after {self.attempts} attempts; the last one: {last.message}"
            return self._ended(State.FAILED, now_ns, replace(last, message=text))
        return replace(
            self,
            state=State.RUNNING,
            attempts=self.attempts + 1,
            owner=owner,
            lease_until_ns=now_ns + lease_ns,
        )

    def waiting(self) -> Job:
        """Return the job as one whose service has no worker."""
        return replace(self, state=State.WAITING, owner="")

    def given_back(self) -> Job:
        """Return the job as if the attempt had not begun: there was nobody to ask after all."""
        return replace(self, state=State.WAITING, owner="", attempts=self.attempts - 1)

    def put_off(self, failure: Failure, now_ns: int, pause_ns: int) -> Job:
        """Return the job after a failed attempt: to be attempted again, or given up."""
        queued = replace(self, state=State.QUEUED, owner="", due_ns=now_ns + pause_ns, failure=failure)
        return queued if self.attempts < self.max_attempts else queued.taken("", now_ns, 0)

    def answered(self, now_ns: int, reply_bytes: int, refusal: Failure | None = None) -> Job:
        """Return the job with a reply, or a refusal, which is a reply as well."""
        return replace(self._ended(State.ANSWERED, now_ns, refusal), size_bytes=self.size_bytes + reply_bytes)

    def cancelled(self, now_ns: int) -> Job:
        """Return the job cancelled; one that has come to its end is left alone."""
        return self._ended(State.CANCELLED, now_ns, self.failure) if self.state.open else self

    def closed(self, now_ns: int) -> Job:
        """Return what stays of a closed job, so that its token is recognised: nothing but its name."""
        return replace(self._ended(State.CLOSED, now_ns, None), size_bytes=0, label="")

    def expired(self, now_ns: int, keep_ns: int) -> Job | None:
        """Return what becomes of a job whose time is over: None, or a failure that is kept for a while longer."""
        if not self.state.open:
            return None
        why = self.failure.message if self.failure else f"no worker of {self.service} came"
        failed = self._ended(State.FAILED, now_ns, Failure(GIVEN_UP, f"It was not carried out in time: {why}"))
        return replace(failed, expires_ns=now_ns + keep_ns)

    def is_run_by(self, owner: str, attempt: int) -> bool:
        """Whether this attempt is the one whose result counts."""
        return (self.state, self.owner, self.attempts) == (State.RUNNING, owner, attempt)

    def _ended(self, state: State, now_ns: int, failure: Failure | None) -> Job:
        return replace(self, state=state, owner="", ended_ns=now_ns, failure=failure)
