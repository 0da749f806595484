"""Level `resume`: sessions that outlive their streams, and the one-deep reply cache."""

from __future__ import annotations

import secrets
from contextlib import nullcontext
from itertools import islice

from sparring.conformance.check import check
from sparring.conformance.conversation import Conversation
from sparring.conformance.findings import Violation, blaming
from sparring.conformance.showing import show_frame
from sparring.conformance.subject import Subject, comparable
from sparring.conformance.wire import End


def _break_and_attach(subject: Subject, conversation: Conversation) -> None:
    """Cancel the stream, and attach on another one."""
    conversation.line.cancel()
    answer = conversation.attach(subject.wire.open())
    if isinstance(answer, End) or answer.WhichOneof("kind") != "attached":
        came = str(answer) if isinstance(answer, End) else show_frame(answer)
        raise Violation("ENV-RES-1", conversation.sent, came)
    if answer.attached.last_sequence != conversation.sequence:
        came = f"{show_frame(answer)}; the last request was number {conversation.sequence}"
        raise Violation("ENV-RES-1", conversation.sent, came)


@check("ENV-RES-1")
def a_broken_session_is_attached(subject: Subject) -> None:
    """Break the stream after the first update; attach."""
    subject.require("resume")
    conversation, _ = subject.start()
    subject.play(conversation, 1)
    _break_and_attach(subject, conversation)


@check("ENV-RES-2", needs=("ENV-RES-1",))
def the_last_answer_is_kept(subject: Subject) -> None:
    """Send the last request again: on the same stream, and on the next one after Attach."""
    subject.require("resume")
    conversation, _ = subject.start()
    script = subject.script(conversation)
    for breaks in (False, True):
        request = conversation.update_request(next(script))
        conversation.asked(request)
        first = conversation.raw
        if breaks:
            _break_and_attach(subject, conversation)
        again = conversation.exchange(request)
        if isinstance(again, End):
            raise Violation("ENV-RES-2", f"{conversation.sent}, a second time", str(again))
        if conversation.raw != first:
            raise Violation("ENV-RES-2", f"{conversation.sent}, a second time", f"another {show_frame(again)}")


@check("ENV-RES-3", needs=("ENV-SEED-1", "ENV-RES-1"))
def an_attached_session_goes_on_as_if_nothing_had_happened(subject: Subject) -> None:
    """Break the stream after every third update; compare with a session that was not broken."""
    subject.require("resume")
    if _episode(subject, breaks=True) != _episode(subject, breaks=False):
        raise Violation("ENV-RES-3", "an episode over several streams", "other answers than over one stream")


def _episode(subject: Subject, breaks: bool) -> list[bytes]:
    conversation, _ = subject.start()
    played = []
    for step, setpoints in enumerate(islice(subject.script(conversation), 9)):
        if breaks and step % 3 == 2:
            _break_and_attach(subject, conversation)
        with blaming("ENV-RES-3") if breaks else nullcontext():
            played.append(comparable(conversation.update(setpoints)))
        if conversation.ledger.over[0]:
            break
    subject.finish(conversation)
    return played


@check("ENV-RES-4", needs=("ENV-RES-1",))
def unknown_sessions_are_not_attached(subject: Subject) -> None:
    """Attach with a token that nobody has, while a session is suspended."""
    subject.require("resume")
    conversation, _ = subject.start()
    conversation.line.cancel()
    stranger = subject.converse()
    stranger.closed = True
    answer = stranger.attach(subject.wire.open(), secrets.token_hex(16))
    stranger.line.cancel()
    _not_found(answer, "ENV-RES-4", stranger.sent)
    _break_and_attach(subject, conversation)


@check("ENV-RES-5", needs=("ENV-RES-1", "ENV-RES-4"))
def a_session_that_was_shut_down_is_not_attached(subject: Subject) -> None:
    """Shut down, then attach."""
    subject.require("resume")
    conversation, _ = subject.start()
    subject.finish(conversation)
    answer = conversation.attach(subject.wire.open())
    conversation.line.cancel()
    _not_found(answer, "ENV-RES-5", conversation.sent)


def _not_found(answer: object, rule: str, sent: str) -> None:
    if not isinstance(answer, End):
        raise Violation(rule, sent, show_frame(answer))
    if answer.code != "NOT_FOUND":
        raise Violation(rule, sent, str(answer))
