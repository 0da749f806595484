"""One run, from its submission to its summary, through whatever broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sparring.cli.access.connection import Connection
from sparring.cli.access.records import EventRecord, RunRecord
from sparring.cli.access.submissions import is_submission
from sparring.cli.playing.following import follow
from sparring.cli.playing.interrupts import Interrupts
from sparring.cli.playing.reporter import Reporter
from sparring.cli.playing.scoreboard import PlannedPhase
from sparring.cli.playing.summary import Summary
from sparring.experiment.document import Document, load_document
from sparring.experiment.run import ExperimentRun
from sparring.types.errors import FailedPreconditionError, SparringError

WAITING: Final = "WAITING_FOR_GOVERNOR"
PATIENCE_S: Final = 90.0
"""How long an orderly end may take: author code may be in the middle of a step."""

STOPPING: Final = "Stopping at the next step; what is committed is kept. Press Ctrl-C again to stop without waiting."


def planned_phases(run: ExperimentRun) -> tuple[PlannedPhase, ...]:
    """Return what the document says of the phases."""
    return tuple(
        PlannedPhase(phase.number, phase.name, phase.mode.value, phase.workers, phase.episodes) for phase in run.phases
    )


class Player:
    """Watches runs to their ends.

    Args:
        connection: to the system that plays them.
        reporter: told what happens.
        interrupts: Ctrl-C cancels the run that is watched.
        store: where runs are kept, for people.
        reach: how other commands find it, for people.
        platform: tells the fingerprint of the machine that plays; asked at the end, when everything is loaded.
    """

    def __init__(
        self,
        connection: Connection,
        reporter: Reporter,
        interrupts: Interrupts,
        *,
        store: str,
        reach: str,
        platform: Callable[[], str] = lambda: "",
    ) -> None:
        self._connection = connection
        self._reporter = reporter
        self._interrupts = interrupts
        self._store = store
        self._reach = reach
        self._platform = platform

    async def submit(self, document: Document, seed: int | None, placement: str, *, detach: bool = False) -> Summary:
        """Submit a document and watch it to its end; with `detach`, only submit it.

        Raises:
            SparringError: it was refused, or the system cannot be reached any more.
        """
        run = await self._submitted(document, seed, placement, detach=detach)
        planned = planned_phases(document.expand(seed=run.seed))
        if not detach:
            return await self.watch(run, planned, document.name)
        with self._reporter.watching(run, planned, file=document.name, store=self._store):
            pass
        submitted = Summary.of(document.name, run, (), store=self._store, reach=self._reach)
        return replace(submitted, status="submitted")

    async def _submitted(self, document: Document, seed: int | None, placement: str, *, detach: bool) -> RunRecord:
        """Submit a document durably; returns its run, or with `detach` the submission if no governor is there."""
        text = document.text.encode()
        submissions = self._connection.submissions
        if submissions is None:
            return await self._connection.start_run(text, document.name, seed=seed, placement=placement)
        seed = document.expand(seed=seed).seed  # drawn here if nobody named one, so that it can be told at once
        name = await submissions.submit(text, document.name, seed=seed, placement=placement)
        try:
            async for submission in submissions.watch(name):
                if submission.over or submission.state != WAITING:
                    continue
                self._reporter.notice(f"Submitted as {name}; no governor yet. It begins when one comes.")
                if detach:
                    return replace(submission, seed=seed)
            run = await submissions.started(name)
        except asyncio.CancelledError:
            await self._cancel(name)
            raise
        await submissions.close(name)
        return run

    async def resume(self, name: str) -> Summary:
        """Go on with a run where its last commit left it, and watch it to its end.

        Raises:
            SparringError: it is unknown, or the system cannot be reached any more.
        """
        run, _ = await self._connection.run(name)
        if run.ungoverned and self._connection.submissions is not None and is_submission(run.run):
            self._reporter.notice(f"{run.run} is submitted; no governor yet. It begins when one comes.")
            run = await self._connection.submissions.started(run.run)
        text, file, _ = await self._connection.document(run.run)
        if run.over:
            self._reporter.notice(f"{run.run} is already {run.status}; nothing is left to do.")
            return await self.summary(run.run, file)
        if run.governor:
            self._reporter.notice(
                f"{run.run} belongs to {run.governor}. If that has gone, the run goes on when its lease has lapsed, "
                "within 15 s."
            )
        if run.status == "paused" or run.pause_requested:
            await self._connection.wish(run.run, "resume")
        planned = planned_phases(load_document(text, name=file).expand(seed=run.seed))
        return await self.watch(run, planned, file)

    async def watch(self, run: RunRecord, planned: Sequence[PlannedPhase], file: str) -> Summary:
        """Tell what happens to a run until it has ended; then sum it up (the caller tells that).

        Raises:
            SparringError: the system cannot be reached any more.
        """
        stop = asyncio.Event()
        with (
            self._reporter.watching(run, planned, file=file, store=self._store),
            self._interrupts.gently(stop.set),
        ):
            watching = asyncio.ensure_future(self._tell(run.run))
            stopping = asyncio.ensure_future(stop.wait())
            try:
                await asyncio.wait((watching, stopping), return_when=asyncio.FIRST_COMPLETED)
                if not watching.done():
                    self._reporter.notice(STOPPING)
                    await self._cancel(run.run)
                    await asyncio.wait((watching,), timeout=PATIENCE_S)
                if watching.done():
                    watching.result()
            finally:
                for task in (watching, stopping):
                    task.cancel()
                await asyncio.gather(watching, stopping, return_exceptions=True)
        return await self.summary(run.run, file)

    async def summary(self, run: str, file: str) -> Summary:
        """Sum up a run as it stands."""
        record, phases = await self._connection.run(run)
        return Summary.of(file, record, phases, platform=self._platform(), store=self._store, reach=self._reach)

    async def _tell(self, run: str) -> None:
        async for seen in follow(self._connection, run):
            if isinstance(seen, EventRecord):
                self._reporter.event(seen)
            else:
                self._reporter.progress(seen)

    async def _cancel(self, run: str) -> None:
        try:
            await self._connection.wish(run, "cancel")
        except FailedPreconditionError:
            return  # it has just ended by itself
        except SparringError as error:
            self._reporter.notice(f"Could not ask for the end of {run}: {error.message}")
