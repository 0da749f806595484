"""What a phase does with its agents: train, test, evaluate."""

from __future__ import annotations

import difflib
from enum import StrEnum
from typing import Self

from sparring.types.errors import InvalidArgumentError


class Mode(StrEnum):
    """Whether agents learn from what they play.

    TRAIN: experience goes to the brain, which may learn. TEST: a phase without learning. EVALUATE: deterministic
    episodes inside a train phase, without learning, counted and digested on their own.
    """

    TRAIN = "train"
    TEST = "test"
    EVALUATE = "evaluate"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a mode as documents write it; upper and lower case are the same.

        Raises:
            InvalidArgumentError: MODE_UNKNOWN, with the nearest name as a suggestion.
        """
        known = [mode.value for mode in cls]
        wanted = text.strip().lower()
        if wanted in known:
            return cls(wanted)
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InvalidArgumentError(
            "MODE_UNKNOWN",
            f"There is no mode {text!r}; a mode is one of {', '.join(known)}.{hint}",
            mode=text,
            **({"suggestion": near[0]} if near else {}),
        )
