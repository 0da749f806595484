"""The report for people: a line per check as it ends, findings in full, and what it comes to."""

from __future__ import annotations

from typing import Final

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from sparring.conformance.examination import Verdict
from sparring.conformance.findings import Finding, Result

_MARKS: Final = {
    "passed": ("✓", "green"),
    "finding": ("✗", "bold red"),
    "not applicable": ("–", "dim"),
    "stopped": ("○", "yellow"),
}


class TextReport:
    """Prints to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._level = ""

    def begin(self, address: str, environment: str) -> None:
        """Say what is tested."""
        what = f", environment {environment}" if environment else ""
        self._console.print(Text.assemble(("Conformance", "bold"), f" of {address}{what}"))

    def tell(self, result: Result) -> None:
        """Say what a check says."""
        if result.level != self._level:
            self._level = result.level
            self._console.print(Text(f"\n{self._level}", style="bold cyan"))
        mark, style = _MARKS[result.outcome]
        line = Text.assemble(("  " + mark + " ", style), (result.check, "" if result.outcome == "passed" else style))
        if result.outcome == "passed" and result.seconds >= 1.0:
            line.append(f"  {result.seconds:.1f} s", style="dim")
        if result.reason:
            line.append(f"  {result.outcome}: {result.reason}", style="dim")
        self._console.print(line, soft_wrap=True)
        for note in result.notes:
            self._console.print(Text(f"      note: {note}", style="yellow"), soft_wrap=True)
        if result.finding is not None:
            self._console.print(Padding(_panel(result.finding), (0, 0, 0, 4)))

    def end(self, verdict: Verdict, seconds: float) -> None:
        """Say what it comes to."""
        counts = ", ".join(
            f"{verdict.count(outcome)} {words}"
            for outcome, words in (("passed", "passed"), ("not applicable", "not applicable"), ("stopped", "stopped"))
            if verdict.count(outcome)
        )
        found = len(verdict.findings)
        head = Text("\nConformant", "bold green") if not found else Text(f"\n{found} finding(s)", "bold red")
        self._console.print(Text.assemble(head, f": {counts}, in {seconds:.1f} s"))


def _panel(finding: Finding) -> Panel:
    rows = (
        ("sent", finding.sent),
        ("came", finding.came),
        ("required", finding.rule.text),
        ("written", finding.rule.place),
    )
    lines = [Text.assemble((f"{name:<9}", "bold"), value) for name, value in rows]
    return Panel(Group(*lines), title=finding.rule.uid, title_align="left", border_style="red")
