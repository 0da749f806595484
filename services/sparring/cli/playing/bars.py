"""Progress for people at a terminal: one bar per phase and rollout worker, then the summary."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from sparring.cli.access.records import EventRecord, ProgressRecord, RunRecord
from sparring.cli.playing.achievements import Achievements
from sparring.cli.playing.lines import last, loss_line
from sparring.cli.playing.scoreboard import PhaseScore, PlannedPhase, RolloutScore, Scoreboard
from sparring.cli.playing.summary import Summary
from sparring.cli.playing.summary_table import print_problems, print_summary
from sparring.cli.showing.numbers import rate, score
from sparring.experiment.problems import Problem

MOST_BARS = 12
"""A phase with more rollout workers than this has one bar for all of them."""

WIDE = 100
"""Columns from which on returns and times are shown as well."""


class Bars:
    """See `Reporter`.

    Args:
        console: where bars and summary are drawn; a terminal.
        complaints: where failures are shown.
        pictures: the store beside which a picture of each run is drawn; empty for none.
    """

    def __init__(self, console: Console, complaints: Console, *, pictures: str = "") -> None:
        self._console = console
        self._complaints = complaints
        self._achievements = Achievements(console, pictures)
        self._scores = Scoreboard()
        self._bars = _make_bars(console)
        self._tasks: dict[tuple[int, int | None], TaskID] = {}

    def refused(self, problems: Sequence[Problem]) -> None:
        """Print them."""
        print_problems(self._complaints, problems)

    @contextlib.contextmanager
    def watching(self, run: RunRecord, planned: Sequence[PlannedPhase], *, file: str, store: str) -> Iterator[None]:
        """Draw while the block goes on."""
        self._scores, self._bars, self._tasks = Scoreboard(planned), _make_bars(self._console), {}
        self._achievements.begin()
        self._console.print(Text.assemble(("Run ", ""), (run.run, "bold"), f"  {file}, seed {run.seed}"))
        with self._bars:
            yield

    def event(self, event: EventRecord) -> None:
        """Move the bar of an episode's rollout worker; say what the run is doing."""
        if not self._scores.event(event):
            return
        if event.episode is None:
            if loss := loss_line(event):
                self.notice(loss)
            self._bars.say("" if event.run.over else event.message)
            return
        self._achievements.episode(event.episode)
        if event.episode.mode != "evaluate":
            self._draw(event.episode.phase, event.episode.rollout)

    def progress(self, progress: ProgressRecord) -> None:
        """Show how fast it is."""
        self._scores.progress(progress)
        self._draw(progress.phase, progress.rollout)

    def notice(self, text: str) -> None:
        """Print it above the bars."""
        self._console.print(Text(text, style="yellow"))

    def ended(self, summary: Summary) -> None:
        """Print table, digest and what to do next; or the failure."""
        print_summary(self._console, self._complaints, summary, self._achievements)

    async def afterwards(self) -> None:
        """Draw the picture."""
        await self._achievements.draw()

    def _draw(self, number: int, rollout: int) -> None:
        phase = self._scores.phases[number]
        if len(phase.rollouts) > MOST_BARS:
            self._draw_phase(phase)
            return
        for each in [phase.rollouts[rollout]] if self._known(phase) else list(phase.rollouts.values()):
            self._draw_rollout(phase, each)

    def _known(self, phase: PhaseScore) -> bool:
        return any(number == phase.number for number, _ in self._tasks)

    def _draw_rollout(self, phase: PhaseScore, of: RolloutScore) -> None:
        name = escape(phase.name) + ("" if len(phase.rollouts) == 1 else f" [dim]rollout {of.rollout}[/]")
        self._show(
            (phase.number, of.rollout),
            name=name,
            done=of.episodes,
            total=of.planned,
            steps=of.steps_so_far,
            speed=rate(of.steps_per_second),
            last=last(f"return {score(of.last_return)}", of.waiting),
        )

    def _draw_phase(self, phase: PhaseScore) -> None:
        total = None if phase.planned is None else phase.planned * len(phase.rollouts)
        self._show(
            (phase.number, None),
            name=f"{escape(phase.name)} [dim]{len(phase.rollouts)} rollouts[/]",
            done=phase.episodes,
            total=total,
            steps=phase.steps,
            speed=rate(phase.steps_per_second),
            last=last(f"mean return {score(phase.mean_return)}", phase.waiting),
        )

    def _show(
        self, key: tuple[int, int | None], *, name: str, done: int, total: int | None, steps: int, speed: str, last: str
    ) -> None:
        episodes = f"{done:,}" if total is None else f"{done:,}/{total:,}"
        shown: dict[str, Any] = {"episodes": episodes, "steps": f"{steps:,}", "speed": speed, "last": last}
        task = self._tasks.get(key)
        if task is None:
            self._tasks[key] = self._bars.add_task(name, total=total, completed=done, **shown)
        else:
            self._bars.update(task, total=total, completed=done, **shown)


class _Bars(Progress):
    """Bars, and a line below them."""

    _line = ""

    def say(self, line: str) -> None:
        """Show a line below the bars; an empty one for none."""
        self._line = line

    def get_renderables(self) -> Iterator[RenderableType]:
        """Yield what is drawn."""
        yield self.make_tasks_table(self.tasks)
        if self._line:
            yield Text(self._line, style="dim", no_wrap=True, overflow="ellipsis")


def _make_bars(console: Console) -> _Bars:
    columns: list[ProgressColumn] = [
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("[bold]{task.fields[episodes]}[/] episodes"),
        TextColumn("{task.fields[steps]} steps"),
        TextColumn("{task.fields[speed]} steps/s"),
    ]
    if console.width >= WIDE:
        columns += [TextColumn("{task.fields[last]}"), TimeElapsedColumn()]
    return _Bars(*columns, console=console, refresh_per_second=8)
