"""The report for programs: one JSON object per check, and a summary."""

from __future__ import annotations

import json
from typing import Any

from sparring.conformance.examination import Verdict
from sparring.conformance.findings import Result


def result_line(result: Result) -> str:
    """Return a line for a check."""
    line: dict[str, Any] = {
        "event": "check",
        "check": result.check,
        "level": result.level,
        "rules": list(result.rules),
        "outcome": result.outcome,
        "seconds": round(result.seconds, 3),
    }
    if result.reason:
        line["reason"] = result.reason
    if result.notes:
        line["notes"] = list(result.notes)
    if result.finding is not None:
        finding = result.finding
        line["finding"] = {
            "rule": finding.rule.uid,
            "sent": finding.sent,
            "came": finding.came,
            "required": finding.rule.text,
            "written": finding.rule.place,
        }
    return json.dumps(line)


def summary_line(verdict: Verdict, seconds: float) -> str:
    """Return the last line."""
    return json.dumps(
        {
            "event": "summary",
            "address": verdict.address,
            "conformant": verdict.conformant,
            "passed": verdict.count("passed"),
            "findings": len(verdict.findings),
            "not_applicable": verdict.count("not applicable"),
            "stopped": verdict.count("stopped"),
            "seconds": round(seconds, 3),
        }
    )
