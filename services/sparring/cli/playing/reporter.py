"""What is told of a run while it goes on: to people at a terminal, to a log, or to a program."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sparring.cli.access.records import EventRecord, ProgressRecord, RunRecord
from sparring.cli.playing.scoreboard import PlannedPhase
from sparring.cli.playing.summary import Summary
from sparring.experiment.problems import Problem


class Reporter(Protocol):
    """Told in this order: `watching` a run, its events and progress, then `ended`; or `refused`, then `ended`.

    `afterwards` comes last in both cases.
    """

    def refused(self, problems: Sequence[Problem]) -> None:
        """The document has problems and is not run."""

    def watching(
        self, run: RunRecord, planned: Sequence[PlannedPhase], *, file: str, store: str
    ) -> AbstractContextManager[None]:
        """A run has begun; it is watched for the length of the block."""

    def event(self, event: EventRecord) -> None:
        """Something durable has happened; never told twice."""

    def progress(self, progress: ProgressRecord) -> None:
        """A rollout worker is getting on."""

    def notice(self, text: str) -> None:
        """Something that people should know."""

    def ended(self, summary: Summary) -> None:
        """That is what it came to."""

    async def afterwards(self) -> None:
        """What may take a moment, when the run and the system that played it have ended."""
