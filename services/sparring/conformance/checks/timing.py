"""Level `time`: environments that keep simulated time and say when they want to be updated."""

from __future__ import annotations

from sparring.conformance.check import check
from sparring.conformance.subject import Subject


@check("ENV-TIM-2", "ENV-TIM-3", "ENV-TIM-1")
def time_is_kept_and_updates_are_wanted_ahead(subject: Subject) -> None:
    """Play an episode, and the beginning of the next one."""
    subject.require("time")
    conversation, _ = subject.start(timed=True)
    subject.play(conversation)
    conversation.reset([subject.options.seed + 1])
    subject.play(conversation, 3)
