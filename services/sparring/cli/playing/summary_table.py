"""How a run ended, for people: a table with what to do next, or a panel that says what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sparring.cli.access.records import PhaseRecord
from sparring.cli.playing.achievements import Achievements
from sparring.cli.playing.summary import Summary
from sparring.cli.showing.failures import failure_panel
from sparring.cli.showing.numbers import rate, score
from sparring.experiment.problems import Problem

_QUESTION: Final = "SELECT phase_name, avg(episode_return) FROM episodes WHERE run = '{run}' GROUP BY ALL"
ASYNCHRONOUS: Final = "learning was asynchronous: the digest differs from run to run"


def print_problems(console: Console, problems: Sequence[Problem]) -> None:
    """Print `file:line: path: message`, a line each, never broken: tools read them."""
    for each in problems:
        console.print(Text(str(each)), soft_wrap=True)


def print_summary(
    console: Console, complaints: Console, summary: Summary, achievements: Achievements | None = None
) -> None:
    """Print how a run ended, with what agents achieved if that was gathered; failures go to `complaints`."""
    if summary.phases:
        console.print(phase_table(summary.phases))
    if achievements is not None:
        achievements.ended(summary)
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
        for number, command in enumerate(next_commands(summary)):
            line = Text.assemble((" " * 8 if number else "next    ", "dim"), (command, "cyan"))
            console.print(line, soft_wrap=True)  # never broken: it is to be copied


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
    return grid


def next_commands(summary: Summary) -> list[str]:
    """Return three commands to try next; each works as it stands."""
    run = summary.run
    if summary.status == "submitted":
        commands = [f"runs watch {run}", f"runs cancel {run}", "runs list"]
    elif any(phase.episodes for phase in summary.phases):
        commands = [f"plot {run}", f'query "{_QUESTION.format(run=run)}"', f"verify {run}"]
    else:
        commands = [f"runs show {run}", f"verify {run}", "runs list"]
    return [f"sparring {command} {summary.reach}".rstrip() for command in commands]
