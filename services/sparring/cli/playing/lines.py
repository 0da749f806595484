"""Progress where nobody watches a terminal: plain lines, one every few seconds at most."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from sparring.cli.access.records import EventRecord, ProgressRecord, RunRecord
from sparring.cli.playing.achievements import Achievements
from sparring.cli.playing.scoreboard import PhaseScore, PlannedPhase, Scoreboard
from sparring.cli.playing.summary import Summary
from sparring.cli.playing.summary_table import print_problems, print_summary
from sparring.cli.showing.numbers import count, rate, score
from sparring.experiment.problems import Problem

EVERY_S = 5.0


class Lines:
    """See `Reporter`.

    Args:
        console: where lines and summary are printed.
        complaints: where failures are shown.
        clock: monotonic, in seconds.
        pictures: the store beside which a picture of each run is drawn; empty for none.
    """

    def __init__(
        self,
        console: Console,
        complaints: Console,
        clock: Callable[[], float] = time.monotonic,
        *,
        pictures: str = "",
    ) -> None:
        self._console = console
        self._complaints = complaints
        self._clock = clock
        self._achievements = Achievements(console, pictures)
        self._scores = Scoreboard()
        self._said_at = clock()

    def refused(self, problems: Sequence[Problem]) -> None:
        """Print them."""
        print_problems(self._complaints, problems)

    @contextlib.contextmanager
    def watching(self, run: RunRecord, planned: Sequence[PlannedPhase], *, file: str, store: str) -> Iterator[None]:
        """Print what began."""
        self._scores, self._said_at = Scoreboard(planned), self._clock()
        self._achievements.begin()
        self._say(f"Run {run.run}: {file}, seed {run.seed}")
        yield

    def event(self, event: EventRecord) -> None:
        """Print a line if it is time for one."""
        if self._scores.event(event):
            if event.episode is not None:
                self._achievements.episode(event.episode)
            elif loss := loss_line(event):
                self._say(loss)
            self._say_if_due()

    def progress(self, progress: ProgressRecord) -> None:
        """Print a line if it is time for one."""
        self._scores.progress(progress)
        self._say_if_due()

    def notice(self, text: str) -> None:
        """Print it."""
        self._say(text)

    def ended(self, summary: Summary) -> None:
        """Print table, digest and what to do next; or the failure."""
        print_summary(self._console, self._complaints, summary, self._achievements)

    async def afterwards(self) -> None:
        """Draw the picture."""
        await self._achievements.draw()

    def _say_if_due(self) -> None:
        if self._scores.current is None or self._clock() - self._said_at < EVERY_S:
            return
        self._said_at = self._clock()
        self._say(progress_line(self._scores.phases[self._scores.current]))

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False)


def loss_line(event: EventRecord) -> str:
    """Return what was lost, where an event tells of a loss that is made good; empty otherwise."""
    if event.run.state != "HANDLING_DEAD_WORKERS" or not event.message:
        return ""
    return f"lost: {event.message} It goes on from what is committed."


def progress_line(phase: PhaseScore) -> str:
    """Return how far a phase is, in one line."""
    total = "" if phase.planned is None else f" of {phase.planned * len(phase.rollouts):,}"
    episodes = count(phase.episodes, "episode") if not total else f"{phase.episodes:,}{total} episodes"
    return (
        f"{phase.name}: {episodes}, {count(phase.steps, 'step')}, {rate(phase.steps_per_second)} steps/s, "
        f"{last(f'mean return {score(phase.mean_return)}', phase.waiting)}"
    )


def last(text: str, waiting: str) -> str:
    """Return what a line ends with: this text, or that the store is waited for, and why."""
    return f"waits for the store ({waiting})" if waiting else text
