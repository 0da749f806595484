"""Phases of a run: what each came to, and the audit that nothing sent was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sparring.types.errors import FailedPreconditionError
from sparring.types.mode import Mode


class RecordingKey(NamedTuple):
    """Names what one rollout worker records in one mode of a phase."""

    run: str
    phase: int
    mode: Mode
    rollout: int


@dataclass(frozen=True, slots=True)
class Recording:
    """What a rollout worker declared.

    Attributes:
        key: whose it is.
        declarations: an OpenRecord message as bytes, without what the key says.
    """

    key: RecordingKey
    declarations: bytes


@dataclass(frozen=True, slots=True)
class PhaseSummary:
    """What a phase came to in one mode; fields as in the proto."""

    phase: int
    mode: Mode
    name: str
    episodes: int = 0
    steps: int = 0
    steps_per_second: float = 0.0
    mean_return: float = 0.0
    sealed: bool = False


class Count(NamedTuple):
    """Episodes, and their steps."""

    episodes: int
    steps: int


NOTHING = Count(0, 0)


def audit(run: str, phase: int, mode: Mode, sent: Mapping[int, Count], stored: Mapping[int, Count]) -> None:
    """Compare what the rollout workers say they sent with what is stored.

    Raises:
        FailedPreconditionError: AUDIT_FAILED, with the counts of the rollout workers that differ.
    """
    wrong = [
        f"rollout {rollout}: sent {_text(sent.get(rollout, NOTHING))}, stored {_text(stored.get(rollout, NOTHING))}"
        for rollout in sorted(sent.keys() | stored.keys())
        if sent.get(rollout, NOTHING) != stored.get(rollout, NOTHING)
    ]
    if wrong:
        raise FailedPreconditionError(
            "AUDIT_FAILED",
            f"Phase {phase} ({mode}) of run {run} does not add up: {'; '.join(wrong)}.",
            run=run,
            phase=phase,
            mode=mode,
            sent=total(sent.values()).episodes,
            stored=total(stored.values()).episodes,
        )


def total(counts: Iterable[Count]) -> Count:
    """Add counts up."""
    every = list(counts)
    return Count(sum(count.episodes for count in every), sum(count.steps for count in every))


def _text(count: Count) -> str:
    return f"{count.episodes} episodes of {count.steps} steps"
