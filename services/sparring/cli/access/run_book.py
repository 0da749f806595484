"""What `runs`, `verify` and `query` read: through a broker, or from a store on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Literal, Protocol

from sparring.cli.access.records import (
    DifferenceRecord,
    EpisodeRecord,
    EventRecord,
    PhaseRecord,
    ProgressRecord,
    RunRecord,
    VerifiedRecord,
)
from sparring.types.faults import StruckFault

Wish = Literal["cancel", "pause", "resume"]


class RunBook(Protocol):
    """All runs that somebody keeps. A run may be named `latest`, except in `wish`."""

    async def runs(self, limit: int) -> list[RunRecord]:
        """Return the newest runs, newest first."""

    async def run(self, run: str) -> tuple[RunRecord, list[PhaseRecord]]:
        """Return a run with its phases so far."""

    async def faults(self, run: str) -> list[StruckFault]:
        """Return the faults of its document that struck in a run."""

    async def document(self, run: str) -> tuple[bytes, str, str]:
        """Return the document of a run, its file name, and the placement that overrides it."""

    def episodes(self, run: str) -> AsyncIterator[EpisodeRecord]:
        """Yield the committed episodes of a run."""

    def watch_run(self, run: str, after_revision: int = 0) -> AsyncIterator[EventRecord | ProgressRecord]:
        """Yield events after a revision, then those to come, until the run has ended."""

    async def wish(self, run: str, wish: Wish) -> RunRecord:
        """Ask something of the owner of a run."""

    def verify(self, run: str) -> AsyncIterator[DifferenceRecord | VerifiedRecord]:
        """Yield what does not verify, then the result."""

    async def query(self, sql: str) -> bytes:
        """Return the answer to a statement as an Arrow IPC stream."""


@contextlib.asynccontextmanager
async def run_book(connect: str, store: str) -> AsyncIterator[RunBook]:
    """Open the runs behind a broker if one is named, else those of a store on this machine.

    Raises:
        NotFoundError: STORE_UNKNOWN.
    """
    # Late: one needs gRPC, the other SQLAlchemy, and each takes longer to load than to use.
    if connect:
        from sparring.cli.access.connection import connected

        async with connected(connect) as connection:
            yield connection
    else:
        from sparring.cli.access.local_store import opened

        with opened(store) as local:
            yield local
