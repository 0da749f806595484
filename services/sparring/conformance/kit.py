"""The kit: all checks in order, run against one server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from google.protobuf.message import DecodeError

from sparring.conformance.check import Check
from sparring.conformance.checks import (
    frames,
    grammar,
    lanes,
    resuming,
    sessions,
    setpoints,
    surroundings,
    timing,
    versions,
    worlds,
)
from sparring.conformance.findings import Finding, NotApplicable, Outcome, Result, Violation
from sparring.conformance.rules import RULES
from sparring.conformance.subject import Options, Subject
from sparring.conformance.wire import Wire
from sparring.types.errors import FailedPreconditionError

CHECKS: Final[tuple[Check, ...]] = (
    surroundings.describe_says_what_is_offered,
    surroundings.describe_refuses_names_that_nobody_offers,
    surroundings.the_server_says_that_it_is_healthy,
    surroundings.reflection_lists_the_service_if_it_is_offered,
    sessions.a_session_that_was_shut_down_frees_its_slot,
    surroundings.describe_and_started_declare_the_same,
    worlds.answers_come_within_their_deadlines,
    grammar.every_request_is_answered_by_its_frame_under_its_number,
    grammar.shutdown_is_answered_and_ends_the_stream,
    worlds.values_are_packed_as_declared_and_inside_their_spaces,
    worlds.equal_seeds_give_equal_episodes,
    worlds.a_reset_equals_a_fresh_start,
    worlds.an_ended_episode_takes_no_update_before_a_reset,
    setpoints.setpoints_may_be_absent,
    setpoints.setpoints_outside_their_spaces_are_refused,
    setpoints.a_refused_setpoint_does_not_move_the_world,
    setpoints.setpoints_of_the_wrong_size_are_refused,
    versions.another_major_version_is_refused,
    versions.a_newer_minor_version_and_unknown_capabilities_are_taken,
    versions.parameters_that_are_no_object_are_refused,
    frames.unknown_fields_are_ignored,
    grammar.a_session_begins_with_start,
    grammar.a_second_start_ends_the_session,
    grammar.a_repeated_request_is_not_applied_twice,
    grammar.a_number_out_of_turn_ends_the_session,
    grammar.a_request_of_no_kind_ends_the_session,
    sessions.concurrent_sessions_do_not_influence_each_other,
    sessions.attach_is_refused_without_resume,
    sessions.several_lanes_are_refused_without_lanes,
    surroundings.describe_is_answered_and_sessions_refused_while_all_slots_are_taken,
    timing.time_is_kept_and_updates_are_wanted_ahead,
    lanes.a_session_may_have_several_lanes,
    lanes.more_lanes_than_stated_are_refused,
    lanes.a_lane_equals_the_same_episode_alone,
    lanes.lanes_that_a_mask_leaves_out_stand_still,
    lanes.a_reset_leaves_other_lanes_alone,
    lanes.masks_and_seeds_must_fit_the_lanes,
    resuming.a_broken_session_is_attached,
    resuming.the_last_answer_is_kept,
    resuming.an_attached_session_goes_on_as_if_nothing_had_happened,
    resuming.unknown_sessions_are_not_attached,
    resuming.a_session_that_was_shut_down_is_not_attached,
    # Last: what they may leave behind is a slot that is never free again.
    sessions.a_half_closed_stream_ends_with_its_session,
    sessions.a_cancelled_stream_ends_its_session,
    sessions.a_stream_past_its_deadline_ends_its_session,
    frames.bytes_that_are_no_message_end_their_stream_only,
    frames.a_message_that_is_too_large_ends_its_stream_only,
)


_PATIENCE_S: Final = 0.5
_DEAD: Final = ("ENV-SES-2", "ENV-DDL-1")


def run_checks(wire: Wire, options: Options) -> Iterator[Result]:
    """Run the checks of the chosen levels, one after the other; yield what each says.

    Raises:
        FailedPreconditionError: LEVEL_NOT_DECLARED, after the first check.
    """
    subject = Subject(wire, options)
    found: set[str] = set()
    lost = ""
    for check in chosen(options.levels):
        result = Result(check.name, check.level, check.rules, "stopped", reason=lost) if lost else None
        result = result or _run(check, subject, found)
        if result.finding is not None:
            found.add(result.finding.rule.uid)
            if not _is_usable(subject):
                lost = f"{result.finding.rule.uid}: since then the server takes no session that could be played"
        yield result
        if check is CHECKS[0] and not lost:
            _require_levels(options.levels, subject)


def _require_levels(levels: tuple[str, ...], subject: Subject) -> None:
    """Refuse to test what the server does not even claim: all of it would not apply, and look well."""
    missing = [level for level in levels if level != "core" and level not in subject.capabilities]
    if missing and subject.described.HasField("version"):
        declared = ", ".join(sorted(subject.capabilities)) or "no capability"
        raise FailedPreconditionError(
            "LEVEL_NOT_DECLARED",
            f"The server does not declare {', '.join(missing)}; it declares {declared}. Leave the level out, or let "
            "Describe say it.",
            missing=",".join(missing),
        )


def chosen(levels: tuple[str, ...]) -> list[Check]:
    """Return the checks of some levels; none is all. The description comes with every level: the rest builds on it."""
    first = CHECKS[0]
    return [check for check in CHECKS if not levels or check is first or check.level in levels]


def _run(check: Check, subject: Subject, found: set[str]) -> Result:
    subject.notes = []
    began = time.monotonic()
    missing = next((rule for rule in check.needs if rule in found), "")
    if missing:
        return Result(check.name, check.level, check.rules, "stopped", reason=f"it needs {missing}, see above")
    outcome: Outcome = "passed"
    finding, reason = None, ""
    try:
        check.run(subject)
    except NotApplicable as said:
        outcome, reason = "not applicable", str(said)
    except Violation as violation:
        if violation.origin in found and violation.origin not in check.rules:
            outcome, reason = "stopped", f"{violation.origin} again"
        else:
            outcome = "finding"
            finding = Finding(RULES[violation.rule], violation.sent, violation.came)
    except DecodeError as error:
        finding = Finding(RULES["ENV-GRM-1"], "any request of this check", f"bytes that are no message: {error}")
        outcome = "finding"
    finally:
        subject.clean_up()
    seconds = time.monotonic() - began
    return Result(
        check.name, check.level, check.rules, outcome, finding, reason, tuple(dict.fromkeys(subject.notes)), seconds
    )


def _is_usable(subject: Subject) -> bool:
    """Try, after a finding, whether anything more can be learnt: a session that starts, and answers an update."""
    try:
        conversation, _ = subject.start(patience_s=_PATIENCE_S)
        conversation.exchange(conversation.update_request(next(subject.script(conversation))))
    except Violation as violation:
        return violation.rule not in _DEAD and "UNAVAILABLE" not in violation.came
    finally:
        subject.clean_up()
    return True
