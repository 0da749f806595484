"""What the kit finds: violations of rules, what does not apply, and the result of a check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from sparring.conformance.rules import RULES, Rule

Outcome = Literal["passed", "finding", "not applicable", "stopped"]


class Violation(Exception):
    """A rule does not hold.

    Attributes:
        rule: Uid of the rule.
        sent: What the kit sent.
        came: What the server did.
        origin: Uid of the rule that it was found as; another one where what was tried is to blame.
    """

    def __init__(self, rule: str, sent: str, came: str, origin: str = "") -> None:
        super().__init__(f"{rule}: {came}")
        self.origin = origin or rule
        self.rule = RULES[rule].uid
        self.sent = sent
        self.came = came


class NotApplicable(Exception):
    """A check cannot say anything about this server; its text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the server."""

    rule: Rule
    sent: str
    came: str

    @property
    def text(self) -> str:
        """All of it, a line for each part."""
        return (
            f"sent: {self.sent}\ncame: {self.came}\n"
            f"required: {self.rule.text}\nwritten: {self.rule.uid}, {self.rule.place}"
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What one check says.

    Attributes:
        check: Its name, a sentence.
        level: Its level.
        rules: Uids of the rules that it is there for.
        outcome: `stopped` where an earlier finding leaves nothing to be seen.
        finding: With outcome `finding`.
        reason: Why it did not apply, or was stopped.
        notes: What is no finding, but worth knowing.
        seconds: How long it took.
    """

    check: str
    level: str
    rules: tuple[str, ...]
    outcome: Outcome
    finding: Finding | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


@contextmanager
def blaming(rule: str, sent: str = "") -> Iterator[None]:
    """Report whatever goes wrong in the block as a violation of one rule: the one that the block is there to try."""
    try:
        yield
    except Violation as found:
        if found.rule == rule:
            raise
        raise Violation(rule, f"{sent}; then {found.sent}" if sent else found.sent, found.came, found.origin) from found
