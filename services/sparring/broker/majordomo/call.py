"""One call on its way: what the client sent, which worker has it, who waits for the answer."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.broker.majordomo.effects import Failed, Reply


@dataclass(frozen=True, slots=True)
class Submission:
    """A call as a client sends it.

    Attributes:
        caller: the peer to whom the effects go.
        service: name of the service.
        body: the request, as it came.
        client_id: who asks; queues are fair over clients.
        deadline: when the caller stops waiting; None means never.
        method: full gRPC method; empty for an MDP call.
        metadata: what the worker gets with it.
        name: the client's own name for the call; one sent again under the same name is handled once. Empty: not named.
        retry_safe: it may be given to another worker when one is lost in the middle.
    """

    caller: int
    service: str
    body: bytes
    client_id: str
    deadline: float | None = None
    method: str = ""
    metadata: tuple[tuple[str, bytes], ...] = ()
    name: str = ""
    retry_safe: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What a resend is recognised by."""
        return (self.client_id, self.name)

    @property
    def fingerprint(self) -> int:
        """What a resend must have in common with the first sending."""
        return hash((self.service, self.method, self.body))


@dataclass(slots=True, eq=False)
class Call:
    """A call that is queued or with a worker.

    Attributes:
        number: the broker's own, in the order of arrival.
        sent: what the client sent.
        arrived: when.
        patience: until when it may wait for a worker.
        deadline: when the last of its callers stops waiting; None means never.
        callers: who waits for the answer: one, more after a resend, none while a named call may be sent again.
        attempt: how many workers were given it.
        stream: the worker that has it; None while it is queued.
        given_up: nobody waits any more; the worker has been told and has not yet answered.
        answered: a partial reply has been passed on.
    """

    number: int
    sent: Submission
    arrived: float
    patience: float
    deadline: float | None
    callers: list[int]
    attempt: int = 0
    stream: int | None = None
    given_up: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a worker ended a call: the last reply, or a status (`code` is not 0)."""

    body: bytes | None = None
    code: int = 0
    message: str = ""
    details: bytes = b""

    def told_to(self, caller: int) -> Reply | Failed:
        """Return the effect that ends the call for one caller."""
        if self.code:
            return Failed(caller, self.code, self.message, self.details)
        return Reply(caller, self.body, final=True)

    @property
    def lasting(self) -> bool:
        """Whether the same call, sent again, would get it again: not for statuses that ask for another attempt."""
        return self.code not in _PASSING


_PASSING = frozenset({1, 4, 8, 10, 14})
"""CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE."""
