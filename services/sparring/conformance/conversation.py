"""A session with the server under test: numbered requests, and answers that are checked as they come."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Final

from google.protobuf.message import DecodeError

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.space.v1 import session_pb2, values_pb2
from sparring.codec.version import encode_version
from sparring.conformance.findings import Violation, blaming
from sparring.conformance.ledger import Ledger
from sparring.conformance.showing import show, show_frame
from sparring.conformance.wire import End, Line
from sparring.types.values import Values

_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]*[A-Z0-9]")
_RULES: Final = {
    "EPISODE_OVER": "ENV-END-1",
    "SETPOINT_OUT_OF_SPACE": "ENV-SET-2",
    "LANES_MISMATCH": "ENV-LAN-7",
    "VALUE_OUT_OF_SPACE": "ENV-VAL-1",
}
"""What a refusal of something legal violates; others: ENV-GRM-1."""
_KINDS: Final = {
    "start": "started",
    "update": "updated",
    "reset": "reset_done",
    "attach": "attached",
    "shutdown": "shut_down",
}


class Conversation:
    """One session.

    Attributes:
        token: Its name.
        ledger: What it has declared.
        sequence: Number of the last request.
        sent: The last request, for people.
        raw: The last answer, as it came.
        closed: Nothing more is to be sent on this stream.
        done: The session was shut down.
        silent: The server has left a request without an answer.
    """

    def __init__(self, line: Line, token: str, timeout_s: float, ledger: Ledger) -> None:
        self.line = line
        self.token = token
        self.ledger = ledger
        self.sequence = 0
        self.sent = ""
        self.raw = b""
        self.closed = self.done = self.silent = False
        self._timeout_s = timeout_s

    def start(self, start: pb.Start) -> pb.Started:
        """Begin; returns what is declared."""
        started: pb.Started = self.asked(pb.SessionRequest(sequence=1, start=start)).started
        self.ledger.started(started, self.sent)
        return started

    def update(self, setpoints: Values, lanes: Sequence[bool] = ()) -> pb.Updated:
        """Advance the world."""
        updated: pb.Updated = self.asked(self.update_request(setpoints, lanes)).updated
        self.ledger.updated(updated, lanes or (True,) * self.ledger.lanes, self.sent)
        return updated

    def update_request(self, setpoints: Values, lanes: Sequence[bool] = ()) -> pb.SessionRequest:
        """Return the next request, as an update."""
        values = values_pb2.Values(data=setpoints.data, present=setpoints.present, texts=setpoints.texts)
        return pb.SessionRequest(sequence=self.sequence + 1, update=pb.Update(setpoints=values, lanes=lanes))

    def reset(self, seeds: Sequence[int], lanes: Sequence[bool] = ()) -> pb.ResetDone:
        """Begin new episodes."""
        request = pb.SessionRequest(sequence=self.sequence + 1, reset=pb.Reset(lanes=lanes, episode_seeds=seeds))
        done: pb.ResetDone = self.asked(request).reset_done
        self.ledger.reset_done(done, lanes or (True,) * self.ledger.lanes, self.sent)
        return done

    def attach(self, line: Line, token: str | None = None) -> pb.SessionResponse | End:
        """Go on, on another stream; the answer is not checked."""
        self.line = line
        attach = session_pb2.Attach(version=encode_version(), token=token or self.token, last_sequence=self.sequence)
        return self.exchange(pb.SessionRequest(sequence=0, attach=attach), numbered=False)

    def shutdown(self) -> End:
        """End the session; returns how the stream ended."""
        self.closed = True
        shutdown = session_pb2.Shutdown()
        self.asked(pb.SessionRequest(sequence=self.sequence + 1, shutdown=shutdown), rule="ENV-GRM-4")
        end = self.end(("OK",), "ENV-GRM-4")
        self.done = True
        return end

    def asked(self, request: pb.SessionRequest, rule: str = "ENV-GRM-1") -> pb.SessionResponse:
        """Send a legal request; return its answer, which is of the right kind.

        Raises:
            Violation: There is none, or another.
        """
        answer = self.exchange(request)
        if isinstance(answer, End):
            raise Violation(_rule_of(answer, rule), self.sent, str(answer))
        kind = answer.WhichOneof("kind")
        if kind == "error":
            self.check_error(answer.error)
            raise Violation(_RULES.get(answer.error.reason, rule), self.sent, f"a refusal: {show(answer.error)}")
        if kind != _KINDS[request.WhichOneof("kind") or "update"]:
            raise Violation(rule, self.sent, show_frame(answer))
        return answer

    def refused(self, request: pb.SessionRequest, rule: str, reasons: Collection[str]) -> pb.SessionResponse:
        """Send something that is to be refused with an Error frame."""
        answer = self.exchange(request)
        if isinstance(answer, End) or answer.WhichOneof("kind") != "error":
            raise Violation(rule, self.sent, str(answer) if isinstance(answer, End) else show_frame(answer))
        self.check_error(answer.error)
        if reasons and answer.error.reason not in reasons:
            raise Violation(rule, self.sent, f"an Error frame of another reason: {show(answer.error)}")
        return answer

    def fatal(self, request: pb.SessionRequest | bytes, rule: str, codes: Collection[str]) -> End:
        """Send something that is to end the session with one of these statuses (empty: any but OK)."""
        with blaming(rule):
            answer = self.exchange(request, numbered=False)
        if not isinstance(answer, End):
            if not isinstance(request, bytes):  # the session goes on, or has even begun: it is to be shut down
                self.sequence, self.token = request.sequence, request.start.token or self.token
            raise Violation(rule, self.sent, show_frame(answer))
        return self._check_end(answer, codes, rule)

    def end(self, codes: Collection[str], rule: str) -> End:
        """Wait for the end of the stream."""
        found = self.line.receive(self._timeout_s)
        if not isinstance(found, End):
            came = "no end of the stream" if found is None else f"another message, {show(found)}"
            raise Violation(rule, self.sent, f"{came}, within {self._timeout_s:g} s")
        return self._check_end(found, codes, rule)

    def exchange(self, request: pb.SessionRequest | bytes, numbered: bool = True) -> pb.SessionResponse | End:
        """Send a request; return its answer, or how the stream ended.

        Raises:
            Violation: ENV-DDL-1, nothing came in time; ENV-GRM-1, another number, or no message of the protocol.
        """
        if isinstance(request, bytes):
            self.sent, data = show(request), request
        else:
            self.sent, data = show_frame(request), request.SerializeToString()
        self.line.send(data)
        while True:
            found = self.line.receive(self._timeout_s)
            if found is None:
                self.closed = self.silent = True
                raise Violation("ENV-DDL-1", self.sent, f"nothing within {self._timeout_s:g} s")
            if isinstance(found, End):
                self.closed = True
                return found
            try:
                answer = pb.SessionResponse.FromString(found)
            except DecodeError:
                raise Violation("ENV-GRM-1", self.sent, f"{show(found)}, which is no SessionResponse") from None
            if numbered and not isinstance(request, bytes):
                if answer.sequence != request.sequence:
                    raise Violation("ENV-GRM-1", self.sent, show_frame(answer))
                self.sequence = request.sequence
            if answer.WhichOneof("kind") != "chunk":
                self.raw = found
                return answer

    def check_error(self, error: Any) -> None:
        """Check the form of an Error frame."""
        if not _REASON.fullmatch(error.reason) or not error.message.strip():
            raise Violation("ENV-ERR-1", self.sent, f"an Error frame {{{show(error)}}}")

    def _check_end(self, end: End, codes: Collection[str], rule: str) -> End:
        if end.code not in codes if codes else end.code == "OK":
            raise Violation(rule, self.sent, str(end))
        if end.code != "OK" and not end.message.strip():
            raise Violation("ENV-ERR-2", self.sent, str(end))
        return end


def _rule_of(end: End, usual: str) -> str:
    if end.code == "DEADLINE_EXCEEDED":
        return "ENV-DDL-1"
    return _RULES.get(end.reason, usual)
