"""Setpoints that are absent, outside, or of the wrong size."""

from __future__ import annotations

from itertools import islice

from sparring.conformance.check import check
from sparring.conformance.conversation import Conversation
from sparring.conformance.findings import NotApplicable, Violation, blaming
from sparring.conformance.setpoints import outside_setpoints
from sparring.conformance.showing import show_frame
from sparring.conformance.subject import Subject, comparable
from sparring.conformance.wire import End
from sparring.types.values import Values

_MOST = 24
"""Ways to be outside that are tried."""


def _with_actuators(subject: Subject) -> Conversation:
    conversation, _ = subject.start()
    if not conversation.ledger.actuators.fields:
        raise NotApplicable("the environment declares no actuators")
    return conversation


@check("ENV-SET-1")
def setpoints_may_be_absent(subject: Subject) -> None:
    """Leave each out in turn, then all of them."""
    conversation = _with_actuators(subject)
    layout = conversation.ledger.actuators
    count = len(layout.fields)
    for field, given in zip(range(min(count, 16)), subject.script(conversation), strict=False):
        values = layout.unpack(given)
        values[field] = None
        _taken(conversation, layout.pack(values))
    _taken(conversation, layout.absent)


def _taken(conversation: Conversation, setpoints: Values) -> None:
    with blaming("ENV-SET-1"):
        conversation.update(setpoints)
        if conversation.ledger.over[0]:
            conversation.reset([1])


@check("ENV-SET-2", "ENV-ERR-1")
def setpoints_outside_their_spaces_are_refused(subject: Subject) -> None:
    """Try one number or text after the other."""
    conversation = _with_actuators(subject)
    inside = next(subject.script(conversation))
    tried = 0
    for what, wrong in islice(outside_setpoints(conversation.ledger.actuators, inside), _MOST):
        tried += 1
        try:
            conversation.refused(conversation.update_request(wrong), "ENV-SET-2", ("SETPOINT_OUT_OF_SPACE",))
        except Violation as found:
            raise Violation(found.rule, f"{what}: {found.sent}", found.came) from found
    if not tried:
        raise NotApplicable("the actuators' spaces hold everything that can be sent")


@check("ENV-SET-3", needs=("ENV-SEED-1",))
def a_refused_setpoint_does_not_move_the_world(subject: Subject) -> None:
    """Play with refused setpoints in between; compare with a session without them."""
    if _play(subject, refusals=True) != _play(subject, refusals=False):
        raise Violation(
            "ENV-SET-3",
            "an episode with setpoints outside their spaces before each update, all of them refused",
            "other answers than without the refused ones",
        )


def _play(subject: Subject, refusals: bool) -> list[bytes]:
    conversation = _with_actuators(subject)
    played = []
    for inside in islice(subject.script(conversation), 8):
        if refusals:
            found = next(outside_setpoints(conversation.ledger.actuators, inside), None)
            if found is None:
                raise NotApplicable("the actuators' spaces hold everything that can be sent")
            conversation.refused(conversation.update_request(found[1]), "ENV-SET-2", ())
        played.append(comparable(conversation.update(inside)))
        if conversation.ledger.over[0]:
            break
    subject.finish(conversation)
    return played


@check("ENV-SET-4")
def setpoints_of_the_wrong_size_are_refused(subject: Subject) -> None:
    """Send eight bytes too few, or too many."""
    conversation = _with_actuators(subject)
    right = next(subject.script(conversation)).data
    for data in dict.fromkeys((right[:-8], right + bytes(8))):
        if data == right:
            continue  # nothing but texts, which are not packed
        if conversation.closed:
            conversation = _with_actuators(subject)
        answer = conversation.exchange(conversation.update_request(Values(data)))
        if isinstance(answer, End):
            if answer.code != "INVALID_ARGUMENT":
                raise Violation("ENV-SET-4", conversation.sent, str(answer))
        elif answer.WhichOneof("kind") != "error":
            came = f"{show_frame(answer)}; the declarations make {len(right)} bytes"
            raise Violation("ENV-SET-4", conversation.sent, came)
