"""The history of a run, read event by event: states, commits, losses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from sparring.cli.access.records import EpisodeRecord, EventRecord, ProgressRecord
from sparring.cli.access.standing import LossRecord, Track

MOST_EVENTS: Final = 50_000
"""Of longer histories only the end is read."""

_DEAD: Final = "HANDLING_DEAD_WORKERS"
_WHO: Final = re.compile(r"(?:^|; )(?:rollout worker (?P<rollout>\d+)|brain of (?P<agent>[^:;]+)): ")
_IN_PLACE: Final = re.compile(r"paused$|goes on$|A user asked to |.+ took it\.$|.+ took over from ")


class History:
    """What has happened so far.

    Attributes:
        entered: the event by which the run came into the state it is in.
        last: its last event that is no commit.
        committed: episodes by rollout worker, without evaluation.
        last_commit: the newest committed episode.
        losses: what was lost, oldest first.
    """

    def __init__(self) -> None:
        self.entered: EventRecord | None = None
        self.last: EventRecord | None = None
        self.committed: Counter[Track] = Counter()
        self.last_commit: EpisodeRecord | None = None
        self.losses: list[LossRecord] = []

    async def read(self, events: AsyncIterator[EventRecord | ProgressRecord], revision: int) -> None:
        """Read events up to a revision; those to come are left alone."""
        async for event in events:
            if isinstance(event, EventRecord):
                self.add(event)
                if event.revision >= revision:
                    return

    def add(self, event: EventRecord) -> None:
        """Take the next event."""
        if event.episode is not None:
            self._commit(event.episode)
            return
        before, self.last = self.last, event
        if before is None or before.run.state != event.run.state or not _IN_PLACE.match(event.message):
            self.entered = event
            if event.run.state == _DEAD:
                self.losses += self._lost(event)
        elif before.run.status != event.run.status:
            self.entered = event  # paused, or no longer

    def _commit(self, episode: EpisodeRecord) -> None:
        self.last_commit = episode
        if episode.mode != "evaluate":
            track = Track(episode.phase, episode.rollout)
            self.committed[track] = max(self.committed[track], episode.episode + 1)

    def _lost(self, event: EventRecord) -> list[LossRecord]:
        run, text = event.run, event.message
        found = list(_WHO.finditer(text))
        ends = [each.start() for each in found[1:]] + [len(text)]
        losses = []
        for each, end in zip(found, ends, strict=True):
            rollout = None if each["rollout"] is None else int(each["rollout"])
            episode = 0 if rollout is None else self.committed[Track(run.phase, rollout)]
            why = text[each.end() : end]
            losses.append(LossRecord(event.time, run.epoch, run.phase, rollout, episode, each["agent"] or "", why))
        return losses
