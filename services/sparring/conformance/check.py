"""A check: a function that tries a server and raises what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sparring.conformance.rules import RULES
from sparring.conformance.subject import Subject


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: A sentence.
        rules: Uids of the rules that it is there for.
        needs: Uids of rules without which nothing can be learnt.
        run: Raises Violation or NotApplicable.
    """

    name: str
    rules: tuple[str, ...]
    needs: tuple[str, ...]
    run: Callable[[Subject], None]

    @property
    def level(self) -> str:
        """The level of its rules."""
        return RULES[self.rules[0]].level


def check(*rules: str, needs: tuple[str, ...] = ()) -> Callable[[Callable[[Subject], None]], Check]:
    """Make a check of a function; its name is the sentence."""

    def made(function: Callable[[Subject], None]) -> Check:
        return Check(function.__name__.replace("_", " "), rules, needs, function)

    return made
