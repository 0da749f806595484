"""How a run ended, for people: a table with what to do next, or a panel that says what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sparring.cli.access.records import PhaseRecord
from sparring.cli.playing.summary import Summary
from sparring.cli.showing.failures import failure_panel
from sparring.cli.showing.numbers import rate, score
from sparring.experiment.problems import Problem

ASYNCHRONOUS: Final = "learning was asynchronous: the digest differs from run to run"


def print_problems(console: Console, problems: Sequence[Problem]) -> None:
    """Print `file:line: path: message`, a line each, never broken: tools read them."""
    for each in problems:
        console.print(Text(str(each)), soft_wrap=True)


def print_summary(console: Console, complaints: Console, summary: Summary) -> None:
    """Print how a run ended; failures go to `complaints`."""
    if summary.phases:
        console.print(phase_table(summary.phases))
    if summary.status == "refused" and summary.failure is not None:
        complaints.print(Text(summary.failure.message), soft_wrap=True)
    elif summary.failure is not None:
        title = f"{summary.run or summary.file} failed: {summary.failure.reason}"
        complaints.print(failure_panel(title, summary.failure.message, summary.failure.reason))
    elif summary.status == "cancelled":
        kept = "Stopped before its end; what is committed is kept."
        console.print(Text(kept if summary.run else "Interrupted; nothing was started.", style="yellow"))
    if summary.run:
        console.print(_facts(summary))


def phase_table(phases: Sequence[PhaseRecord]) -> Table:
    """Return what the phases came to."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("phase", overflow="fold")
    table.add_column("mode")
    for heading in ("episodes", "steps", "steps/s", "mean return"):
        table.add_column(heading, justify="right")
    for each in phases:
        table.add_row(
            Text(each.name),
            each.mode,
            f"{each.episodes:,}",
            f"{each.steps:,}",
            rate(each.steps_per_second),
            score(each.mean_return if each.episodes else None),
        )
    return table


def _facts(summary: Summary) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    if summary.digest:
        grid.add_row("digest", Text(summary.digest))
    if summary.evaluation_digest:
        grid.add_row("evaluation", Text(summary.evaluation_digest))
    if not summary.deterministic:
        grid.add_row("note", ASYNCHRONOUS)
    grid.add_row("run", Text(f"{summary.run}, seed {summary.seed}"))
    if summary.store:
        grid.add_row("store", Text(summary.store))
    for number, command in enumerate(next_commands(summary)):
        grid.add_row("" if number else "next", Text(command, style="cyan"))
    return grid


def next_commands(summary: Summary) -> list[str]:
    """Return three commands to try next."""
    commands = [f"sparring runs show {summary.run}", f"sparring verify {summary.run}", "sparring runs list"]
    if summary.status == "submitted":
        commands[:2] = [f"sparring runs watch {summary.run}", f"sparring runs cancel {summary.run}"]
    return [f"{command} {summary.reach}".rstrip() for command in commands]
