"""Passing progress of a run's rollout workers: the newest of each, for whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sparring.governor.rollout_frames import RolloutProgress


@dataclass(frozen=True, slots=True)
class ProgressNote:
    """The progress of one rollout worker; `episodes` is how many it plays at most, 0 if that is not known."""

    phase: int
    phase_name: str
    rollout: int
    episodes: int
    progress: RolloutProgress


class ProgressBoard:
    """Keeps the newest note of each rollout worker; a slow watcher misses notes, never the newest."""

    def __init__(self) -> None:
        self._notes: dict[tuple[int, int], tuple[int, ProgressNote]] = {}
        self._count = 0
        self._changed = asyncio.Event()

    def post(self, note: ProgressNote) -> None:
        """Put a note on the board."""
        self._count += 1
        self._notes[note.phase, note.rollout] = (self._count, note)
        self._changed.set()
        self._changed = asyncio.Event()

    def begin_phase(self) -> None:
        """Take all notes down."""
        self._notes.clear()

    async def changes(self) -> AsyncIterator[ProgressNote]:
        """Yield the notes on the board, then the newer ones as they come; never ends."""
        seen = 0
        while True:
            changed = self._changed
            newer = sorted((each for each in self._notes.values() if each[0] > seen), key=lambda each: each[0])
            for count, note in newer:
                seen = count
                yield note
            if not newer:
                await changed.wait()
