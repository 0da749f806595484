"""One registered worker: a conversation, its lease, the calls and sessions it has."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparring.broker.majordomo.call import Call
from sparring.broker.majordomo.messages import Endpoint, Ready
from sparring.broker.majordomo.session import Session


@dataclass(slots=True, eq=False)
class Worker:
    """A worker between Ready and the end of its stream.

    Attributes:
        stream: the peer to whom messages for it go.
        ready: what it said when it registered.
        heard: when its last message came.
        told: when the last message went to it.
        busy: the calls it has, by request id, those that were given up included until it answers.
        sessions: the sessions it holds, expects or is offered, by token.
        refusal: why it refused an offer; no further one goes to it until it has told its sessions, or a while has
            passed. Empty: it did not.
        announced: names of the components it can run.
        lease_id: name of its registration.
        offered: when it was last offered a session, as a count of offers; the lowest is next.
    """

    stream: int
    ready: Ready
    heard: float
    told: float
    busy: dict[str, Call] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    refusal: str = ""
    announced: frozenset[str] = frozenset()
    offered: int = 0
    lease_id: str = ""

    @property
    def free_calls(self) -> int:
        """How many more calls it takes."""
        return self.ready.calls - len(self.busy)

    @property
    def free_slots(self) -> int:
        """How many more sessions it is believed to take; the worker itself has the last word."""
        if self.refusal:
            return 0
        return max(0, self.slots - len(self.sessions))

    @property
    def slots(self) -> int:
        """How many sessions it holds at most; those with unlimited slots have as many as are kept, and no offers."""
        return self.ready.slots

    @property
    def endpoint(self) -> Endpoint | None:
        """Where its sessions are reached unless it says otherwise for one."""
        return self.ready.endpoint

    def runs(self, component: str) -> bool:
        """Return whether it has announced the component; an empty name means any."""
        return not component or component in self.announced
