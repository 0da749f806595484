"""Frames that are newer than the server, that are no frames, or too large."""

from __future__ import annotations

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.conformance.check import check
from sparring.conformance.findings import Violation, blaming
from sparring.conformance.subject import Subject
from sparring.conformance.wire import End
from sparring.types.values import Values

_UNKNOWN = b"\xc0\x3e\x01\xca\x3e\x03new"
"""Field 1000 as a number, and field 1001 as bytes."""
_LARGE_S = 60.0
"""How long a large message may be on its way."""
_GARBAGE = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff no message"


@check("ENV-FRM-1")
def unknown_fields_are_ignored(subject: Subject) -> None:
    """Start and update with fields that no version knows, in the frame and in what is inside."""
    with blaming("ENV-FRM-1"):
        known = subject.start_frame()
        conversation = subject.converse(token=known.token)
        start = pb.Start.FromString(known.SerializeToString() + _UNKNOWN)
        conversation.start(start)
        update = conversation.update_request(next(subject.script(conversation)))
        newer = pb.SessionRequest.FromString(update.SerializeToString() + _UNKNOWN)
        newer.update.MergeFromString(_UNKNOWN)
        conversation.asked(newer)


@check("ENV-FRM-2")
def bytes_that_are_no_message_end_their_stream_only(subject: Subject) -> None:
    """Send them as the first frame, and in a session; then use the server as ever."""
    subject.converse().fatal(_GARBAGE, "ENV-FRM-2", ())
    with blaming("ENV-FRM-2"):
        conversation, _ = subject.start()
        conversation.fatal(_GARBAGE, "ENV-FRM-2", ())
        subject.recover(conversation)
    _goes_on(subject, "ENV-FRM-2", "bytes that are no message")


@check("ENV-FRM-4")
def a_message_that_is_too_large_ends_its_stream_only(subject: Subject) -> None:
    """Send an update of more than 64 MiB; then use the server as ever."""
    conversation, _ = subject.start()
    size = subject.options.limit_bytes + 1024
    request = conversation.update_request(Values(bytes(size)))
    sent = f"an update with {size} bytes of setpoints"
    conversation.line.send(request.SerializeToString())
    conversation.closed = True
    answer = conversation.line.receive(max(subject.options.timeout_s, _LARGE_S))
    if not isinstance(answer, End):
        raise Violation("ENV-FRM-4", sent, "nothing" if answer is None else f"an answer of {len(answer)} bytes")
    if answer.code == "OK":
        raise Violation("ENV-FRM-4", sent, str(answer))
    subject.recover(conversation)
    _goes_on(subject, "ENV-FRM-4", sent)


def _goes_on(subject: Subject, rule: str, sent: str) -> None:
    with blaming(rule, sent):
        conversation, _ = subject.start()
        subject.play(conversation, 1)
        subject.finish(conversation)
