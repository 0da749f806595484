"""Runs as users know them: submitting, finding, listing, wishing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Final

from sparring.store.changes import Changes
from sparring.store.episodes import CommittedEpisode
from sparring.store.naming import LATEST, base_name
from sparring.store.phases import PhaseSummary
from sparring.store.ports import Tables
from sparring.store.readers import Readers
from sparring.store.refusals import run_unknown
from sparring.store.runs import Run, Submission, Wish
from sparring.store.writer import Writer
from sparring.types.episode import EpisodeKey
from sparring.types.errors import InvalidArgumentError

USUAL_PAGE: Final = 50
LARGEST_PAGE: Final = 1000
_EPISODES_AT_ONCE: Final = 500


class Catalogue:
    """The runs there are."""

    def __init__(self, writer: Writer, readers: Readers, changes: Changes, clock_ns: Callable[[], int]) -> None:
        self._writer = writer
        self._readers = readers
        self._changes = changes
        self._clock_ns = clock_ns

    async def create(self, submission: Submission) -> Run:
        """Make a document durable; the same token names the same run."""
        now_ns = self._clock_ns()

        def work(tables: Tables) -> Run:
            known = tables.runs.with_token(submission.client_token)
            return known or tables.runs.insert(base_name(submission.uid), submission, now_ns)

        return await self._writer.write(work)

    async def get(self, name: str) -> tuple[Run, list[PhaseSummary]]:
        """Return a run and its phases so far; `latest` is the newest.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """

        def work(tables: Tables) -> tuple[Run, list[PhaseSummary]]:
            run = tables.runs.latest() if name == LATEST else tables.runs.find(name)
            if run is None:
                raise run_unknown(name)
            return run, tables.phases.summaries(run.run)

        return await self._readers.read(work)

    async def submission(self, name: str) -> Submission:
        """Return the document of a run.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        return await self._readers.read(lambda tables: tables.runs.submission(name))

    async def page(self, token: str, size: int) -> tuple[list[Run], str]:
        """Return runs, newest first, and the token of the next page.

        Raises:
            InvalidArgumentError: PAGE_TOKEN_INVALID.
        """
        if token and not (token.isascii() and token.isdecimal() and len(token) < 19):
            raise InvalidArgumentError("PAGE_TOKEN_INVALID", "The page token is none of ours; begin without one.")
        size = min(size or USUAL_PAGE, LARGEST_PAGE)
        before = int(token) if token else None
        found = await self._readers.read(lambda tables: tables.runs.page(before, size + 1))
        more = len(found) > size
        return [run for _, run in found[:size]], str(found[size - 1][0]) if more else ""

    async def episodes(self, name: str, phase: int | None) -> AsyncGenerator[list[CommittedEpisode]]:
        """Yield the committed episodes, some at a time.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        after: EpisodeKey | None = None
        while True:
            found = await self._readers.read(_page_of_episodes(name, phase, after))
            if not found:
                return
            yield found
            after = found[-1].summary.key

    async def wish(self, name: str, wish: Wish) -> Run:
        """Note what a user wishes; once noted, noting it again changes nothing.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: RUN_ALREADY_TERMINAL.
        """
        now_ns = self._clock_ns()

        def work(tables: Tables) -> Run:
            before = tables.runs.find(name)
            after = before.wished(wish, now_ns)
            return before if after == before else tables.runs.save(after, f"A user asked to {wish}.", now_ns)

        run = await self._writer.write(work)
        self._changes.tell(frozenset({name}))
        return run


def _page_of_episodes(
    name: str, phase: int | None, after: EpisodeKey | None
) -> Callable[[Tables], list[CommittedEpisode]]:
    def work(tables: Tables) -> list[CommittedEpisode]:
        tables.runs.find(name)
        return tables.episodes.page(name, phase, after, _EPISODES_AT_ONCE)

    return work
