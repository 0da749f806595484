"""`sparring run`: all files are checked, then each is played to its end, on this machine or a deployed system."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sparring.cli.checking.check import check_components, read
from sparring.cli.playing.interrupts import INTERRUPTED, Interrupts
from sparring.cli.playing.options import RunOptions
from sparring.cli.playing.reporter import Reporter
from sparring.cli.playing.summary import Failure, Summary
from sparring.experiment.document import Document
from sparring.experiment.problems import Problem
from sparring.types.errors import InvalidArgumentError, NotFoundError, SparringError

if TYPE_CHECKING:
    from sparring.cli.playing.play import Player

REFUSALS: Final = (InvalidArgumentError, NotFoundError)
"""What a governor answers to a document that can never run there."""


class Session:
    """Plays documents, one after the other.

    Args:
        options: of the command line.
        reporter: told what happens.
        interrupts: handled by the caller.
    """

    def __init__(self, options: RunOptions, reporter: Reporter, interrupts: Interrupts) -> None:
        self._options = options
        self._reporter = reporter
        self._interrupts = interrupts
        self._codes: list[int] = []
        self._described: dict[str, Mapping[str, bytes]] = {}

    async def play(self, files: Sequence[str]) -> int:
        """Play all files, or resume a run; returns the exit code.

        A file that fails does not keep the next one from being played; the highest exit code counts.
        """
        if self._options.resume:
            return await self._finished(await self._guarded(self._options.resume, None))
        documents = await self._checked(files)
        if documents is None:
            return 2
        codes = []
        for document in documents:
            codes.append(await self._finished(await self._guarded(document.name, document)))
            if self._interrupts.count:
                return INTERRUPTED
        return max(codes)

    async def _finished(self, code: int) -> int:
        """Let the reporter finish; Ctrl-C in the meantime cuts that short, as it does the end of the system."""
        if not self._interrupts.count:
            try:
                await self._reporter.afterwards()
            except asyncio.CancelledError:
                if not self._interrupts.count:
                    raise
        return code

    async def _checked(self, files: Sequence[str]) -> list[Document] | None:
        """Return the documents; None, once that has been told, if one of them cannot be played."""
        found = [(file, *read(file)) for file in files]
        documents = [document for _, document, problems in found if document is not None and not problems]
        wrong = {file: problems for file, _, problems in found if problems}
        if not wrong and not self._options.connect:
            reports = await asyncio.gather(*map(check_components, documents), _load_system())
            for document, report in zip(documents, reports, strict=False):
                if report is not None:
                    self._described[document.name] = report.described
                    if report.problems:
                        wrong[document.name] = report.problems
        for file, problems in wrong.items():
            self._refuse(file, problems)
        return None if wrong else documents

    def _refuse(self, file: str, problems: Sequence[Problem]) -> None:
        self._reporter.refused(problems)
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        failure = Failure("DOCUMENT_INVALID", f"{file} has {count}; nothing was started.")
        self._reporter.ended(Summary(file, "refused", failure=failure))

    async def _guarded(self, file: str, document: Document | None) -> int:
        """Play one run; whatever goes wrong has a summary, unless that has been told."""
        self._codes.clear()
        try:
            return await self._play(file, document)
        except SparringError as error:
            summary = Summary(file, "failed", failure=Failure.of(error), reach=self._options.reach)
        except asyncio.CancelledError:
            if not self._interrupts.count:
                raise
            if self._codes:  # it was the end of the system that was cut short
                return self._codes[-1]
            summary = Summary(file, "cancelled")
        except Exception as error:
            if self._options.json:  # people are told by who catches it, with the place of the traceback
                text = f"{type(error).__name__}: {error}"
                self._reporter.ended(Summary(file, "failed", failure=Failure("INTERNAL", text)))
            raise
        return self._tell(summary)

    def _tell(self, summary: Summary) -> int:
        self._reporter.ended(summary)
        self._codes.append(INTERRUPTED if self._interrupts.count else summary.exit_code)
        return self._codes[-1]

    async def _play(self, file: str, document: Document | None) -> int:
        async with contextlib.AsyncExitStack() as stack:
            try:
                player = await stack.enter_async_context(self._player(document))
            except InvalidArgumentError as error:  # an option that can never work: nothing was started
                return self._tell(Summary(file, "refused", failure=Failure.of(error)))
            if document is None:
                summary = await player.resume(file)
            else:
                try:
                    summary = await player.submit(
                        document, self._options.seed, self._options.placement, detach=self._options.detach
                    )
                except REFUSALS as error:
                    summary = Summary(file, "refused", failure=Failure.of(error))
            return self._tell(summary)  # now: nobody waits for the end of the system to see it

    @contextlib.asynccontextmanager
    async def _player(self, document: Document | None) -> AsyncIterator[Player]:
        """Connect to the system that plays, made for this document where none is named."""
        # Late: checking a document does not need them, and they take longer to load than it takes.
        from sparring.cli.access.connection import connected
        from sparring.cli.playing.play import Player

        options = self._options
        if options.connect:
            async with connected(options.connect) as connection:
                store = f"at {options.connect}"
                yield Player(connection, self._reporter, self._interrupts, store=store, reach=options.reach)
            return
        from sparring.cli.playing.local_system import system_for

        described = None if document is None else self._described.get(document.name)
        async with system_for(options, document, described) as broker, connected(broker, own=True) as connection:
            from sparring.cli.playing.fingerprint import fingerprint

            yield Player(
                connection,
                self._reporter,
                self._interrupts,
                store=options.store,
                reach=options.reach,
                platform=fingerprint,
            )


async def _load_system() -> None:
    """Load what the system on this machine consists of, while another process tries the document's classes."""
    await asyncio.to_thread(__import__, "sparring.cli.playing.local_system")
