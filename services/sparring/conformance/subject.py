"""The server under test: described once, and a source of sessions that never outlive the check they are opened by."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from google.protobuf.message import DecodeError

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.space.v1 import declaration_pb2, session_pb2, values_pb2
from sparring.codec.version import encode_version
from sparring.conformance.conversation import Conversation
from sparring.conformance.findings import NotApplicable, Violation
from sparring.conformance.ledger import Ledger
from sparring.conformance.setpoints import random_setpoints
from sparring.conformance.showing import show
from sparring.conformance.wire import DESCRIBE, End, Wire, until
from sparring.types.values import Values

LINGER_S: Final = 12.0
"""How long we wait for a suspended session that could not be taken up again; a server keeps it for 10 s by default."""
MOST_SESSIONS: Final = 64
"""More than this many at once are not tried."""
JSON: Final = "application/json"


@dataclass(frozen=True)
class Options:
    """What is tested.

    Attributes:
        environment: Name; empty is the server's only one.
        parameters: JSON, an object; empty is none.
        seed: Of everything that is drawn.
        timeout_s: Deadline of every answer.
        steps: Updates of a trajectory.
        recreate: Ask for a new instance at every Reset, as experiments do with simulators that cannot forget.
        free_s: How soon a slot is to be free again.
        limit_bytes: Size of the largest message.
        levels: Those to be tested; empty means all that the server declares.
    """

    environment: str = ""
    parameters: str = ""
    seed: int = 1
    timeout_s: float = 10.0
    steps: int = 60
    recreate: bool = False
    free_s: float = 5.0
    limit_bytes: int = 64 << 20
    levels: tuple[str, ...] = ()


class Subject:
    """Lives as long as the kit runs.

    Attributes:
        described: What the server says of itself; empty until `describe` was called.
        notes: What the running check wants to be known.
    """

    def __init__(self, wire: Wire, options: Options) -> None:
        self.wire = wire
        self.options = options
        self.described = pb.DescribeResponse()
        self.notes: list[str] = []
        self._open: list[Conversation] = []
        self._stuck_until = 0.0

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server declares."""
        return frozenset(self.described.capabilities)

    @property
    def capacity(self) -> int:
        """How many sessions it holds at once, as far as we try."""
        return max(1, self.described.capacity)

    def require(self, capability: str) -> None:
        """Go on only with a server that has a capability."""
        if capability not in self.capabilities:
            raise NotApplicable(f"the server does not declare the capability {capability!r}")

    def require_sessions(self, count: int) -> None:
        """Go on only with a server that holds so many sessions at once."""
        if self.capacity < count:
            raise NotApplicable(f"the server holds {self.capacity} session(s) at once; this takes {count}")

    def component(self, name: str | None = None) -> declaration_pb2.Component:
        """Return what is tested, as a message."""
        found = declaration_pb2.Component(name=self.options.environment if name is None else name)
        if self.options.parameters:
            parameters = values_pb2.FreeValue(content_type=JSON, data=self.options.parameters.encode())
            found.parameters.CopyFrom(parameters)
        return found

    def describe(self, name: str | None = None) -> pb.DescribeResponse | End:
        """Ask for a description."""
        limit_s = max(self.options.timeout_s, 1.0)
        request = pb.DescribeRequest(environment=self.component(name), timeout_s=round(limit_s))
        answer = self.wire.call(DESCRIBE, request, limit_s)
        if isinstance(answer, End):
            return answer
        try:
            return pb.DescribeResponse.FromString(answer)
        except DecodeError:
            raise Violation("ENV-DSC-4", "Describe", f"{show(answer)}, which is no DescribeResponse") from None

    def start_frame(self, seeds: Sequence[int] = (), **changes: Any) -> pb.Start:
        """Return a Start; with one lane per seed."""
        given = list(seeds) or [self.options.seed]
        limit_ms = round(self.options.timeout_s * 1000)
        timeouts = session_pb2.Timeouts(start_ms=limit_ms, reset_ms=limit_ms, step_ms=limit_ms)
        usual = {
            "version": encode_version(),
            "environment": self.component(),
            "token": secrets.token_hex(16),
            "uid": "subject",
            "lanes": len(given),
            "session_seed": self.options.seed,
            "episode_seeds": given,
            "mode": declaration_pb2.MODE_TEST,
            "timeouts": timeouts,
            "recreate_each_episode": self.options.recreate,
            "origin": session_pb2.Origin(run="conformance"),
        }
        return pb.Start(**{**usual, **changes})

    def converse(
        self, lanes: int = 1, token: str = "", deadline_s: float = 3600.0, timed: bool = False
    ) -> Conversation:
        """Open a stream; nothing is sent yet."""
        opened = Conversation(self.wire.open(deadline_s), token, self.options.timeout_s, Ledger(lanes, timed))
        self._open.append(opened)
        return opened

    def start(
        self,
        seeds: Sequence[int] = (),
        *,
        deadline_s: float = 3600.0,
        rule: str = "ENV-SES-2",
        timed: bool = False,
        patience_s: float = 0.0,
        **changes: Any,
    ) -> tuple[Conversation, pb.Started]:
        """Open a session, waiting a little for a slot that is becoming free.

        Raises:
            Violation: `rule`, there is none; or whatever is wrong with the answer.
        """
        frame = self.start_frame(seeds, **changes)
        refused: Any = None
        patience_s = max(patience_s or self.options.free_s, self._stuck_until - time.monotonic())
        for pause in until(patience_s):
            opened = self.converse(len(frame.episode_seeds), frame.token, deadline_s, timed)
            try:
                return opened, opened.start(frame)
            except Violation as found:
                if "RESOURCE_EXHAUSTED" not in found.came:
                    raise
                refused = found
                self._open.remove(opened)
            time.sleep(pause)
        came = f"{refused.came}, for {patience_s:.3g} s; no other session of ours is open"
        raise Violation(rule, f"{refused.sent}, after the sessions before it had ended", came)

    def script(self, conversation: Conversation, number: int = 0) -> Iterator[Values]:
        """Yield setpoints without end: equal for equal numbers."""
        return random_setpoints(conversation.ledger.actuators, self.options.seed + number)

    def play(self, conversation: Conversation, steps: int | None = None, number: int = 0) -> list[bytes]:
        """Play on to the end of the episode, or for some steps; return what can be compared of the answers."""
        played: list[bytes] = []
        for setpoints in islice(self.script(conversation, number), steps or self.options.steps):
            played.append(comparable(conversation.update(setpoints)))
            if any(conversation.ledger.over):
                break
        return played

    def finish(self, conversation: Conversation) -> None:
        """Shut a session down, before the check ends."""
        conversation.shutdown()
        self._open.remove(conversation)

    def recover(self, conversation: Conversation) -> None:
        """Take up a session that a broken stream may have suspended, and shut it down: its slot is needed."""
        if "resume" not in self.capabilities or not conversation.sequence or conversation.done:
            return
        conversation.line.cancel()
        try:
            if not isinstance(conversation.attach(self.wire.open()), End):
                conversation.shutdown()
                return
        except Violation:
            conversation.line.cancel()  # there are checks for what is wrong with it
        self._stuck_until = time.monotonic() + LINGER_S

    def clean_up(self) -> None:
        """End the sessions that are still open, whatever state they are in."""
        opened, self._open = self._open, []
        for one in opened:
            try:
                if one.closed or one.line.over or one.line.cancelled:
                    if not one.silent:
                        self.recover(one)
                elif one.sequence:
                    one.shutdown()
            except Violation:
                continue  # what is wrong with it was, or will be, found by the check that is there for it
            finally:
                one.line.cancel()


def comparable(message: Any) -> bytes:
    """Return what must be equal in equal answers: all but what is said for people."""
    copy = type(message)()
    copy.CopyFrom(message)
    if isinstance(copy, pb.Updated):
        copy.ClearField("world_state")
        for name in ("terminated", "truncated"):
            if not any(getattr(copy, name)):
                copy.ClearField(name)
        _normalise(copy.rewards)
    _normalise(copy.readings)
    data: bytes = copy.SerializeToString(deterministic=True)
    return data


def _normalise(values: Any) -> None:
    """Leave presence out where all are present."""
    present = int.from_bytes(values.present, "little")
    if present and not present & (present + 1):
        # all ones, as far as it goes; shorter ones were refused when they came
        values.ClearField("present")
