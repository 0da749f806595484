"""What a Start may say, and what it must not: versions, capabilities, parameters."""

from __future__ import annotations

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.space.v1 import declaration_pb2, session_pb2, values_pb2
from sparring.codec.version import MAJOR, MINOR
from sparring.conformance.check import check
from sparring.conformance.findings import Violation, blaming
from sparring.conformance.subject import JSON, Subject
from sparring.conformance.wire import End


def _ended(subject: Subject, start: pb.Start, rule: str, code: str) -> End:
    """Send a Start that is to be refused."""
    conversation = subject.converse()
    end = conversation.fatal(pb.SessionRequest(sequence=1, start=start), rule, (code,))
    if not end.reason:
        subject.notes.append(f"{code} came without google.rpc.ErrorInfo; it should carry one")
    return end


@check("ENV-VER-1", "ENV-ERR-2")
def another_major_version_is_refused(subject: Subject) -> None:
    """Start as a client of the next major version, and as one that does not say."""
    theirs = f"{MAJOR + 1}.3"
    end = _ended(
        subject,
        subject.start_frame(version=session_pb2.ProtocolVersion(major=MAJOR + 1, minor=3)),
        "ENV-VER-1",
        "FAILED_PRECONDITION",
    )
    if theirs not in end.message or f"{MAJOR}." not in end.message.replace(theirs, ""):
        raise Violation("ENV-VER-1", f"Start of version {theirs}", f"a message that does not name both versions: {end}")
    _ended(subject, subject.start_frame(version=session_pb2.ProtocolVersion()), "ENV-VER-1", "FAILED_PRECONDITION")


@check("ENV-VER-2")
def a_newer_minor_version_and_unknown_capabilities_are_taken(subject: Subject) -> None:
    """Start as a client that knows more."""
    with blaming("ENV-VER-2"):
        subject.start(
            version=session_pb2.ProtocolVersion(major=MAJOR, minor=MINOR + 7), capabilities=["telepathy", "resume"]
        )


@check("ENV-PAR-1")
def parameters_that_are_no_object_are_refused(subject: Subject) -> None:
    """Start with parameters that are not JSON, and with a list."""
    for data in (b"{not json", b"[1, 2]"):
        component = declaration_pb2.Component(
            name=subject.options.environment, parameters=values_pb2.FreeValue(content_type=JSON, data=data)
        )
        _ended(subject, subject.start_frame(environment=component), "ENV-PAR-1", "INVALID_ARGUMENT")
