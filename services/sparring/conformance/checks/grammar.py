"""Who may say what, and under which number."""

from __future__ import annotations

from itertools import islice

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.space.v1 import values_pb2
from sparring.conformance.check import check
from sparring.conformance.findings import NotApplicable, Violation
from sparring.conformance.showing import show_frame
from sparring.conformance.subject import Subject, comparable
from sparring.conformance.wire import End

_WRONG = ("FAILED_PRECONDITION",)


@check("ENV-GRM-1")
def every_request_is_answered_by_its_frame_under_its_number(subject: Subject) -> None:
    """Play a little, with a Reset in between."""
    conversation, _ = subject.start()
    subject.play(conversation, 3)
    conversation.reset([subject.options.seed + 1])
    subject.play(conversation, 3)


@check("ENV-GRM-4")
def shutdown_is_answered_and_ends_the_stream(subject: Subject) -> None:
    """Shut a session down, before and after its first update."""
    for steps in (0, 1):
        conversation, _ = subject.start()
        if steps:
            subject.play(conversation, steps)
        subject.finish(conversation)


@check("ENV-GRM-2", "ENV-ERR-2")
def a_session_begins_with_start(subject: Subject) -> None:
    """Begin with Update, and with Reset."""
    update = pb.Update(setpoints=values_pb2.Values())
    reset = pb.Reset(episode_seeds=[1])
    for request in (pb.SessionRequest(sequence=1, update=update), pb.SessionRequest(sequence=1, reset=reset)):
        subject.converse().fatal(request, "ENV-GRM-2", _WRONG)


@check("ENV-GRM-3")
def a_second_start_ends_the_session(subject: Subject) -> None:
    """Start, and start again."""
    conversation, _ = subject.start()
    start = subject.start_frame(token=conversation.token)
    conversation.fatal(pb.SessionRequest(sequence=2, start=start), "ENV-GRM-3", _WRONG)


@check("ENV-SEQ-1", needs=("ENV-SEED-1",))
def a_repeated_request_is_not_applied_twice(subject: Subject) -> None:
    """Send an update twice under its number, and go on; compare with a session without that."""
    expected = _two_steps(subject, repeat=False)
    found = _two_steps(subject, repeat=True)
    if found is None:
        raise NotApplicable("the server refuses repeated requests, as it may without `resume`; it applies none twice")
    if found != expected:
        raise Violation(
            "ENV-SEQ-1", "an update twice under one number, then the next one", "another state of the world"
        )


def _two_steps(subject: Subject, repeat: bool) -> list[bytes] | None:
    conversation, _ = subject.start()
    script = subject.script(conversation)
    found = []
    for setpoints in islice(script, 2):
        request = conversation.update_request(setpoints)
        found.append(comparable(conversation.update(setpoints)))
        if repeat:
            first = conversation.raw
            again = conversation.exchange(request)
            if isinstance(again, End):
                if again.code not in _WRONG:
                    raise Violation("ENV-SEQ-1", f"{conversation.sent}, a second time", str(again))
                return None
            if conversation.raw != first and comparable(again.updated) != found[-1]:
                raise Violation("ENV-SEQ-1", f"{conversation.sent}, a second time", f"another {show_frame(again)}")
        if any(conversation.ledger.over):
            break
    subject.finish(conversation)
    return found


@check("ENV-SEQ-2")
def a_number_out_of_turn_ends_the_session(subject: Subject) -> None:
    """Skip a number; go back to one that is long answered."""
    for jump in (2, -1):
        conversation, _ = subject.start()
        subject.play(conversation, 1)
        setpoints = next(subject.script(conversation))
        request = conversation.update_request(setpoints)
        request.sequence = conversation.sequence + jump
        conversation.fatal(request, "ENV-SEQ-2", _WRONG)


@check("ENV-FRM-3")
def a_request_of_no_kind_ends_the_session(subject: Subject) -> None:
    """Send a number, and nothing else."""
    conversation, _ = subject.start()
    conversation.fatal(pb.SessionRequest(sequence=2), "ENV-FRM-3", ("INVALID_ARGUMENT", "FAILED_PRECONDITION"))
