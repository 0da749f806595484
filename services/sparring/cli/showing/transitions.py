"""`sparring runs watch`: a line for every transition, and now and then one for progress."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TextIO

from sparring.cli.access.records import EventRecord, ProgressRecord, RunRecord
from sparring.cli.playing.lines import progress_line
from sparring.cli.playing.scoreboard import PlannedPhase, Scoreboard
from sparring.cli.playing.summary import Summary
from sparring.cli.showing.numbers import moment

EVERY_S: Final = 2.0


class Transitions:
    """Told like a `Reporter`; state names are those of the governor.

    Args:
        out: where lines go, each flushed.
        clock: monotonic, in seconds.
    """

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._scores = Scoreboard()
        self._said_at = clock()
        self._untold = False

    @contextlib.contextmanager
    def watching(self, run: RunRecord, planned: Sequence[PlannedPhase], *, file: str, store: str) -> Iterator[None]:
        """Print which run it is."""
        self._scores = Scoreboard(planned)
        self._say(f"{moment(run.created)}  {run.run}: {file}{'' if run.seed is None else f', seed {run.seed}'}")
        if run.ungoverned:
            self._say(f"{moment(run.created)}  submitted, no governor yet")
        yield

    def event(self, event: EventRecord) -> None:
        """Print a transition; count a commit."""
        if not self._scores.event(event):
            return
        if event.episode is not None:
            self._untold = True
            self._say_progress_if_due()
            return
        self._say_progress()
        run = event.run
        words = [moment(event.time), "", run.state, f"phase {run.phase}", run.status]
        message = f"  {event.message}" if event.message else ""
        failure = f"  {run.error_reason}: {run.error_message}" if run.status == "failed" and run.error_reason else ""
        self._say(" ".join(words) + message + failure)

    def progress(self, progress: ProgressRecord) -> None:
        """Print a line if it is time for one."""
        self._scores.progress(progress)
        self._untold = True
        self._say_progress_if_due()

    def ended(self, summary: Summary) -> None:
        """Print how it ended."""
        digest = f", digest {summary.digest}" if summary.digest else ""
        self._say(f"{summary.run}: {summary.status}{digest}")

    def _say_progress_if_due(self) -> None:
        if self._clock() - self._said_at >= EVERY_S:
            self._say_progress()

    def _say_progress(self) -> None:
        """Print how far the current phase is, if that was not said yet."""
        if self._untold and self._scores.current is not None:
            self._said_at, self._untold = self._clock(), False
            self._say(f"    {progress_line(self._scores.phases[self._scores.current])}")

    def _say(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()
