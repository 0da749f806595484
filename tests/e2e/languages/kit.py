"""The conformance kit in this process, against a server of an example."""

from __future__ import annotations

from sparring.conformance.examination import examine
from sparring.conformance.findings import Result
from sparring.conformance.subject import Options

STEPS = 20


def results(address: str, parameters: str = "", environment: str = "") -> list[Result]:
    """Run all checks of the levels that a server declares."""
    return list(examine(address, Options(environment, parameters, steps=STEPS)))


def found(taken: list[Result]) -> list[str]:
    """Return the rules that were broken, as findings tell them."""
    return [f"{each.finding.rule.uid}: {each.finding.came}" for each in taken if each.finding is not None]


def levels(taken: list[Result]) -> set[str]:
    """Return the levels of which a check has passed."""
    return {each.level for each in taken if each.outcome == "passed"}
