"""Level `lanes`: several episodes in one session, stepped together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.conformance.check import check
from sparring.conformance.conversation import Conversation
from sparring.conformance.findings import NotApplicable, Violation, blaming
from sparring.conformance.lane_values import Seen, lane_values
from sparring.conformance.subject import Subject
from sparring.types.lanes import LaneWeaver
from sparring.types.values import Values

_STEPS = 8


def _seeds(subject: Subject, lanes: int = 2) -> list[int]:
    subject.require("lanes")
    if subject.described.max_lanes < lanes:
        raise NotApplicable(f"max_lanes is {subject.described.max_lanes}; this takes {lanes}")
    return [subject.options.seed + lane for lane in range(lanes)]


def _join(conversation: Conversation, parts: Sequence[Values | None]) -> Values:
    return LaneWeaver(conversation.ledger.actuators.spaces, conversation.ledger.lanes).join(parts)


def _alone(subject: Subject, seed: int, number: int) -> list[Seen]:
    """Play an episode with one lane."""
    conversation, started = subject.start([seed])
    seen = [lane_values(conversation.ledger, started.first, 0, rewarded=False)]
    for setpoints in islice(subject.script(conversation, number), _STEPS):
        updated = conversation.update(setpoints)
        seen.append(lane_values(conversation.ledger, updated, 0))
        if conversation.ledger.over[0]:
            break
    subject.finish(conversation)
    return seen


def _scripts(subject: Subject, seed: int, number: int) -> list[Values]:
    """Return the setpoints that `_alone` plays."""
    conversation, _ = subject.start([seed])
    found = list(islice(subject.script(conversation, number), _STEPS))
    subject.finish(conversation)
    return found


@check("ENV-LAN-1")
def a_session_may_have_several_lanes(subject: Subject) -> None:
    """Start two lanes, and step them once."""
    seeds = _seeds(subject)
    with blaming("ENV-LAN-1"):
        conversation, _ = subject.start(seeds)
        conversation.update(next(subject.script(conversation)))


@check("ENV-LAN-2")
def more_lanes_than_stated_are_refused(subject: Subject) -> None:
    """Start max_lanes + 1 of them."""
    subject.require("lanes")
    lanes = max(1, subject.described.max_lanes) + 1
    start = subject.start_frame([subject.options.seed] * lanes)
    conversation = subject.converse(lanes)
    conversation.sent = ""
    conversation.fatal(pb.SessionRequest(sequence=1, start=start), "ENV-LAN-2", ("INVALID_ARGUMENT",))


@check("ENV-LAN-3", needs=("ENV-SEED-1", "ENV-LAN-1"))
def a_lane_equals_the_same_episode_alone(subject: Subject) -> None:
    """Step two lanes with setpoints of their own; compare with two sessions."""
    seeds = _seeds(subject)
    expected = [_alone(subject, seed, number) for number, seed in enumerate(seeds)]
    scripts = [_scripts(subject, seed, number) for number, seed in enumerate(seeds)]
    conversation, started = subject.start(seeds)
    ledger = conversation.ledger
    for lane in range(2):
        _compare(lane_values(ledger, started.first, lane, rewarded=False), expected[lane][0], lane, 0, "ENV-LAN-3")
    for step in range(1, min(len(each) for each in expected)):
        updated = conversation.update(_join(conversation, [script[step - 1] for script in scripts]))
        for lane in range(2):
            _compare(lane_values(ledger, updated, lane), expected[lane][step], lane, step, "ENV-LAN-3")


@check("ENV-LAN-4", "ENV-LAN-5", needs=("ENV-SEED-1", "ENV-LAN-1", "ENV-LAN-3"))
def lanes_that_a_mask_leaves_out_stand_still(subject: Subject) -> None:
    """Let lane 0 move alone for two steps, then both; lane 1 goes on where it stood."""
    seeds = _seeds(subject)
    expected = _alone(subject, seeds[1], 1)
    script, other = _scripts(subject, seeds[1], 1), _scripts(subject, seeds[0], 0)
    conversation, _ = subject.start(seeds)
    ledger = conversation.ledger
    for step in range(2):
        if not ledger.over[0]:
            conversation.update(_join(conversation, [other[step], None]), (True, False))
    for step in range(1, len(expected)):
        moving = (not ledger.over[0], True)
        with blaming("ENV-LAN-4"):
            updated = conversation.update(
                _join(conversation, [other[(step + 1) % _STEPS] if moving[0] else None, script[step - 1]]), moving
            )
        _compare(lane_values(ledger, updated, 1), expected[step], 1, step, "ENV-LAN-4")


@check("ENV-LAN-6", needs=("ENV-SEED-1", "ENV-LAN-1", "ENV-LAN-3"))
def a_reset_leaves_other_lanes_alone(subject: Subject) -> None:
    """Reset lane 0 in the middle of both episodes; lane 1 goes on, lane 0 begins."""
    seeds = _seeds(subject)
    expected = _alone(subject, seeds[1], 1)
    first = _alone(subject, subject.options.seed + 9, 0)[0]
    script, other = _scripts(subject, seeds[1], 1), _scripts(subject, seeds[0], 0)
    conversation, _ = subject.start(seeds)
    ledger = conversation.ledger
    for step in range(1, len(expected)):
        moving = (not ledger.over[0], True)
        with blaming("ENV-LAN-6"):
            updated = conversation.update(
                _join(conversation, [other[step - 1] if moving[0] else None, script[step - 1]]), moving
            )
            _compare(lane_values(ledger, updated, 1), expected[step], 1, step, "ENV-LAN-6")
            if step == 2:
                done = conversation.reset([subject.options.seed + 9, 0], (True, False))
                seen = lane_values(ledger, done, 0, rewarded=False)
                _compare(seen, first, 0, 0, "ENV-LAN-6")


@check("ENV-LAN-7", needs=("ENV-LAN-1",))
def masks_and_seeds_must_fit_the_lanes(subject: Subject) -> None:
    """Send a mask of three, and a single seed, to two lanes; then go on."""
    seeds = _seeds(subject)
    conversation, _ = subject.start(seeds)
    setpoints = next(subject.script(conversation))
    wrong = ("LANES_MISMATCH",)
    conversation.refused(conversation.update_request(setpoints, (True, True, True)), "ENV-LAN-7", wrong)
    number = conversation.sequence + 1
    reset = pb.SessionRequest(sequence=number, reset=pb.Reset(episode_seeds=[1]))
    conversation.refused(reset, "ENV-LAN-7", wrong)
    conversation.update(setpoints)


def _compare(found: Seen, expected: Seen, lane: int, step: int, rule: str) -> None:
    if found == expected:
        return
    names = ("readings", "rewards", "times", "ends")
    what = next(name for name, one, other in zip(names, found, expected, strict=True) if one != other)
    where = f"after update {step}" if step else "at the beginning"
    raise Violation(
        rule,
        "a session of two lanes, and each of its episodes alone",
        f"different {what} in lane {lane} {where}",
    )
