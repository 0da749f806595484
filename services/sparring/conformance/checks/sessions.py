"""Sessions beside and after each other, and how they end."""

from __future__ import annotations

import time
from collections.abc import Callable

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.conformance.check import check
from sparring.conformance.conversation import Conversation
from sparring.conformance.findings import NotApplicable, Violation, blaming
from sparring.conformance.showing import show_frame
from sparring.conformance.subject import MOST_SESSIONS, Subject, comparable
from sparring.conformance.wire import End

_SHORT_S = 0.3


def _fillable(subject: Subject) -> int:
    """Return how many sessions fill the server."""
    if subject.capacity > MOST_SESSIONS:
        raise NotApplicable(f"the server holds {subject.capacity} sessions; more than {MOST_SESSIONS} are not tried")
    return subject.capacity


@check("ENV-SES-2")
def a_session_that_was_shut_down_frees_its_slot(subject: Subject) -> None:
    """Start and shut down one session more than fit at once."""
    for _ in range(_fillable(subject) + 1):
        conversation, _ = subject.start()
        subject.finish(conversation)


@check("ENV-SES-5", needs=("ENV-SEED-1",))
def concurrent_sessions_do_not_influence_each_other(subject: Subject) -> None:
    """Play an episode alone, then again with another session stepped in between."""
    subject.require_sessions(2)
    seed, steps = subject.options.seed, min(20, subject.options.steps)
    alone, started = subject.start([seed])
    expected = [comparable(started.first), *subject.play(alone, steps)]
    subject.finish(alone)
    one, started = subject.start([seed])
    other, _ = subject.start([seed + 5])
    found = [comparable(started.first)]
    for mine, theirs in zip(subject.script(one), subject.script(other, 5), strict=True):
        if len(found) == len(expected):
            break
        with blaming("ENV-SES-5"):
            if other.ledger.over[0]:
                other.reset([seed + 6])
            other.update(theirs)
            found.append(comparable(one.update(mine)))
    if found != expected:
        raise Violation("ENV-SES-5", "two sessions, stepped in turn", "other answers in one of them than when alone")


@check("ENV-SES-6")
def attach_is_refused_without_resume(subject: Subject) -> None:
    """Attach, at a server that has not the capability."""
    if "resume" in subject.capabilities:
        raise NotApplicable("the server has the capability `resume`; its level tries Attach")
    conversation, _ = subject.start()
    subject.finish(conversation)
    answer = conversation.attach(subject.wire.open())
    if not isinstance(answer, End) or answer.code == "OK":
        raise Violation("ENV-SES-6", conversation.sent, show_frame(answer) if not isinstance(answer, End) else "OK")


@check("ENV-SES-7")
def several_lanes_are_refused_without_lanes(subject: Subject) -> None:
    """Start two lanes, at a server that has not the capability."""
    if "lanes" in subject.capabilities:
        raise NotApplicable("the server has the capability `lanes`; its level tries them")
    seed = subject.options.seed
    subject.converse(2).fatal(
        pb.SessionRequest(sequence=1, start=subject.start_frame([seed, seed + 1])), "ENV-SES-7", ()
    )


@check("ENV-SES-4")
def a_half_closed_stream_ends_with_its_session(subject: Subject) -> None:
    """Close our side without Shutdown, as often as sessions fit at once; then start another one."""

    def leave(conversation: Conversation) -> None:
        conversation.sent = "the end of our side of the stream, without Shutdown"
        conversation.line.half_close()
        found = conversation.line.receive(subject.options.timeout_s)
        if not isinstance(found, End):
            raise Violation("ENV-SES-4", conversation.sent, "the stream stays open")

    _leaving(subject, leave, "ENV-SES-4")


@check("ENV-SES-3")
def a_cancelled_stream_ends_its_session(subject: Subject) -> None:
    """Cancel as many streams as sessions fit at once; then start another one."""
    _leaving(subject, lambda conversation: conversation.line.cancel(), "ENV-SES-3", resumable=True)


@check("ENV-DDL-2")
def a_stream_past_its_deadline_ends_its_session(subject: Subject) -> None:
    """Let the gRPC deadlines of as many streams pass as sessions fit at once; then start another one."""
    took_s = []
    for _ in range(2):  # the first one may wait for a slot
        began = time.monotonic()
        conversation, _ = subject.start()
        took_s.append(time.monotonic() - began)
        subject.finish(conversation)
    deadline_s = max(_SHORT_S, 10 * min(took_s))

    def wait(conversation: Conversation) -> None:
        conversation.line.receive(deadline_s + subject.options.timeout_s)

    _leaving(subject, wait, "ENV-DDL-2", resumable=True, deadline_s=deadline_s)


def _leaving(
    subject: Subject,
    leave: Callable[[Conversation], None],
    rule: str,
    *,
    resumable: bool = False,
    deadline_s: float = 3600.0,
) -> None:
    """Fill the server, leave all sessions, and start one more; suspended ones are taken up and shut down before."""
    opened = []
    for _ in range(_fillable(subject)):
        try:
            opened.append(subject.start(deadline_s=deadline_s)[0])
        except Violation as found:
            if "DEADLINE_EXCEEDED" in found.came:
                raise NotApplicable(
                    f"starting took longer than {deadline_s:.1f} s, the deadline of its stream"
                ) from None
            raise Violation(rule, found.sent, found.came, found.origin) from found
    for conversation in opened:
        leave(conversation)
        conversation.closed = True
    if resumable and "resume" in subject.capabilities:
        for conversation in opened:
            conversation.line.cancel()
            answer = conversation.attach(subject.wire.open())
            if isinstance(answer, End) and answer.code == "NOT_FOUND":
                continue  # on a slow machine its linger may be over by now: then it has ended, as it must
            if isinstance(answer, End):
                raise Violation(rule, conversation.sent, str(answer), origin="ENV-RES-1")
            conversation.shutdown()
    with blaming(rule, "as many streams ended as sessions fit at once"):
        conversation, _ = subject.start()
        subject.play(conversation, 1)
