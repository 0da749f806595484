"""Values, seeds and ends: what the world itself does."""

from __future__ import annotations

from itertools import chain, islice

from sparring.conformance.check import check
from sparring.conformance.findings import NotApplicable, Violation, blaming
from sparring.conformance.setpoints import extreme_setpoints
from sparring.conformance.subject import Subject, comparable

_LONGER = 10
"""An episode may be so many times as long as a trajectory before it is given up to wait for its end."""


@check("ENV-PCK-1", "ENV-PCK-2", "ENV-PCK-3", "ENV-VAL-1", "ENV-RWD-1", "ENV-TIM-1", "ENV-END-2", "ENV-END-3")
def values_are_packed_as_declared_and_inside_their_spaces(subject: Subject) -> None:
    """Play with the lowest and highest setpoints, then at random; a new episode where one ends."""
    conversation, _ = subject.start()
    actuators = conversation.ledger.actuators
    seed = subject.options.seed
    for setpoints in islice(
        chain(extreme_setpoints(actuators), subject.script(conversation)), 2 + 2 * subject.options.steps
    ):
        conversation.update(setpoints)
        if conversation.ledger.over[0]:
            seed += 1
            conversation.reset([seed])


@check("ENV-DDL-1")
def answers_come_within_their_deadlines(subject: Subject) -> None:
    """Play a little; every answer has the deadline that Start names."""
    conversation, _ = subject.start()
    subject.play(conversation, 3)


@check("ENV-SEED-1")
def equal_seeds_give_equal_episodes(subject: Subject) -> None:
    """Play the same episode twice, each in a session of its own; and another one, to see whether it differs."""
    seed = subject.options.seed
    first, again, other = (_episode(subject, one) for one in (seed, seed, seed + 1))
    if again != first:
        raise Violation(
            "ENV-SEED-1",
            f"the same session twice, with seed {seed}",
            f"a difference in {_first_difference(first, again)}",
        )
    if other == first:
        subject.notes.append(f"the seeds {seed} and {seed + 1} give the same episode: does chance play no part here?")


def _episode(subject: Subject, seed: int) -> list[bytes]:
    conversation, started = subject.start([seed])
    played = [comparable(started.first), *subject.play(conversation)]
    subject.finish(conversation)
    return played


@check("ENV-SEED-2", needs=("ENV-SEED-1",))
def a_reset_equals_a_fresh_start(subject: Subject) -> None:
    """Reset in the middle of an episode, and after more of it; compare with a fresh session, begun with that seed."""
    seed = subject.options.seed
    fresh = _episode(subject, seed)
    conversation, _ = subject.start([seed + 1])
    for steps in (max(1, subject.options.steps // 8), subject.options.steps):
        subject.play(conversation, steps, number=1)
        found = [comparable(conversation.reset([seed])), *subject.play(conversation)]
        if found != fresh:
            raise Violation(
                "ENV-SEED-2",
                f"up to {steps} updates, Reset with seed {seed}, and an episode",
                f"a difference to a fresh session with that seed, in {_first_difference(found, fresh)}",
            )
        conversation.reset([seed + 2])


def _first_difference(one: list[bytes], other: list[bytes]) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    step = next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
    return f"the answer to update {step}" if step else "the first readings"


@check("ENV-END-1")
def an_ended_episode_takes_no_update_before_a_reset(subject: Subject) -> None:
    """Play to an end, ask for more, reset, and go on."""
    conversation, _ = subject.start()
    most = _LONGER * subject.options.steps
    subject.play(conversation, most)
    if not conversation.ledger.over[0]:
        raise NotApplicable(f"no episode ended within {most} updates; more --steps, or other --parameters, may help")
    setpoints = next(subject.script(conversation))
    for _ in range(2):
        conversation.refused(conversation.update_request(setpoints), "ENV-END-1", ("EPISODE_OVER",))
    with blaming("ENV-END-1"):
        conversation.reset([subject.options.seed + 1])
        conversation.update(setpoints)
