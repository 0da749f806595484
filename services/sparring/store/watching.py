"""Watching a run: its events after a cursor, then those to come, until it has ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final, NamedTuple

from sparring.store.changes import Changes
from sparring.store.episodes import CommittedEpisode
from sparring.store.ports import Tables
from sparring.store.readers import Readers
from sparring.store.runs import Run, RunEvent

LOOK_EVERY_S: Final = 1.0
"""Events of another process that uses the same store are noticed this late."""

_EVENTS_AT_ONCE: Final = 256


class Commit(NamedTuple):
    """The event that an episode was committed.

    Attributes:
        episode: with its revision.
        run: as it was with the last event before that is no commit.
    """

    episode: CommittedEpisode
    run: Run


Event = RunEvent | Commit


class Watching:
    """Streams of events."""

    def __init__(self, readers: Readers, changes: Changes) -> None:
        self._readers = readers
        self._changes = changes

    async def events(self, name: str, after: int) -> AsyncGenerator[Event]:
        """Yield the events of a run after a revision, in order; ends behind the first one that leaves it ended.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        with self._changes.of(name) as changed:
            while True:
                changed.clear()
                events, ended = await self._page(name, after)
                for event in events:
                    after = _revision(event)
                    yield event
                    if event.run.status.terminal:
                        return
                if ended:
                    return
                if not events:
                    await _change(changed)

    async def _page(self, name: str, after: int) -> tuple[list[Event], bool]:
        return await self._readers.read(lambda tables: _after(tables, name, after))


async def _change(changed: asyncio.Event) -> None:
    """Wait for a change, but not for ever: other processes cannot tell us."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_EVERY_S):
            await changed.wait()


def _after(tables: Tables, name: str, after: int) -> tuple[list[Event], bool]:
    """Return some events after a revision, and whether there will never be more."""
    ended = tables.runs.find(name).status.terminal
    run = tables.runs.at(name, max(after, 1))
    found: list[Event] = []
    found += tables.runs.events(name, after, _EVENTS_AT_ONCE)
    found += [Commit(episode, run) for episode in tables.episodes.since(name, after, _EVENTS_AT_ONCE)]
    events: list[Event] = []
    for event in sorted(found, key=_revision)[:_EVENTS_AT_ONCE]:
        if isinstance(event, RunEvent):
            run = event.run
        events.append(event if isinstance(event, RunEvent) else event._replace(run=run))
    return events, ended and not events


def _revision(event: Event) -> int:
    return event.run.revision if isinstance(event, RunEvent) else event.episode.revision
