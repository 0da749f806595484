"""The report for test collectors: JUnit XML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from sparring.conformance.examination import Verdict

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(verdict: Verdict, file: Path, seconds: float) -> None:
    """Write a file; what did not apply, or was stopped, is a skipped test.

    Raises:
        OSError: The file cannot be written.
    """
    skipped = verdict.count("not applicable") + verdict.count("stopped")
    suite = ElementTree.Element(
        "testsuite",
        name="sparring conformance",
        hostname=verdict.address,
        tests=str(len(verdict.results)),
        failures=str(len(verdict.findings)),
        errors="0",
        skipped=str(skipped),
        time=f"{seconds:.3f}",
    )
    for result in verdict.results:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"conformance.{result.level}", name=result.check, time=f"{result.seconds:.3f}"
        )
        if result.finding is not None:
            failure = ElementTree.SubElement(case, "failure", type=result.finding.rule.uid)
            failure.set("message", _plain(f"{result.finding.rule.uid}: {result.finding.came}"))
            failure.text = _plain(result.finding.text)
        elif result.outcome != "passed":
            ElementTree.SubElement(case, "skipped", message=_plain(result.reason))
        if result.notes:
            ElementTree.SubElement(case, "system-out").text = _plain("\n".join(result.notes))
    ElementTree.ElementTree(suite).write(file, encoding="utf-8", xml_declaration=True)


def _plain(text: str) -> str:
    """Leave out what XML cannot carry."""
    return _NO_XML.sub("?", text)
