"""Kills and freezes processes of a running system at seeded random moments inside episodes, and keeps what it did."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from sparring.store.places import Places
from sparring.store.sql.database import SqlDatabase
from tests.chaos.pulses import Pulses

_CAUGHT_UP = re.compile(r"caught up on (\d+) episodes")
RECOVERED_S = 120.0
"""How long to wait for the next commit after a loss."""


class System(Protocol):
    """Something that plays a run."""

    pulses: Pulses

    @property
    def playing(self) -> bool:
        """Whether the run goes on."""

    def targets(self, kind: str) -> Sequence[int]:
        """Return the living processes of a kind."""

    def lost(self, kind: str) -> None:
        """Bring back what only a user, or a supervisor, brings back."""


@dataclass(frozen=True)
class Hit:
    """One disturbance.

    Attributes:
        kind: of process.
        pid: which.
        step: in which step of an episode somebody was.
        time_ns: when, in nanoseconds since 1970 UTC.
        recovered_s: how long it took until the next episode was committed; None if none came in time.
    """

    kind: str
    pid: int
    step: int
    time_ns: int
    recovered_s: float | None


class Campaign:
    """Disturbs one run after the other.

    Args:
        directory: of the store.
        rng: chooses moments and processes.
        freeze_s: how long a process is frozen; 0 kills it.
    """

    def __init__(self, directory: Path, rng: random.Random, freeze_s: float = 0.0) -> None:
        self.hits: list[Hit] = []
        self._directory = directory
        self._rng = rng
        self._freeze_s = freeze_s

    def disturb(self, system: System, kinds: list[str]) -> None:
        """Disturb while the run goes on; takes kinds from the front of the list as they were hit."""
        while kinds and system.playing:
            hit = self._strike(system, kinds[0])
            if hit is None:
                continue
            kinds.pop(0)
            self.hits.append(hit)

    def _strike(self, system: System, kind: str) -> Hit | None:
        if system.pulses.wait_inside(2.0) is None:
            return None
        time.sleep(self._rng.uniform(0.0, 0.5))
        found = system.pulses.wait_inside(2.0)
        targets = list(system.targets(kind))
        if found is None or not targets:
            return None
        step = self._rng.choice(found)
        own = [pulse.pid for pulse in found if pulse.pid in targets]
        pid = self._rng.choice(sorted(own) or sorted(targets))
        time_ns = time.time_ns()
        try:
            self._hit(pid)
        except ProcessLookupError:
            return None
        system.lost(kind)
        return Hit(kind, pid, step.step, time_ns, self._recovered(system, time_ns))

    def _hit(self, pid: int) -> None:
        if not self._freeze_s:
            os.kill(pid, signal.SIGKILL)
            return
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(self._freeze_s)
        finally:
            with contextlib.suppress(ProcessLookupError):  # whoever watched it has killed it meanwhile
                os.kill(pid, signal.SIGCONT)

    def _recovered(self, system: System, since_ns: int) -> float | None:
        """Wait for the next commit that was not under way already; return how long that took."""
        until = time.monotonic() + RECOVERED_S
        while time.monotonic() < until:
            newest = newest_commit_ns(self._directory)
            if newest is not None and newest > since_ns:
                return (newest - since_ns) / 1e9
            if not system.playing:
                return None
            time.sleep(0.02)
        return None


def caught_up(lines: Iterable[str]) -> list[int]:
    """Return on how many episodes brains have caught up, as a governor's log tells it."""
    return [int(found[1]) for line in lines if (found := _CAUGHT_UP.search(line))]


def newest_commit_ns(directory: Path) -> int | None:
    """Return when the last episode was committed in a store."""
    database = SqlDatabase(Places(directory).database_url, create=False)
    try:
        return database.read(
            lambda tables: max(
                (
                    episode.committed_ns
                    for run in [tables.runs.latest()]
                    if run is not None
                    for episode in tables.episodes.since(run.run, max(0, run.revision - 32), 64)
                ),
                default=None,
            )
        )
    finally:
        database.close()


def children_named(parent: int, *names: str) -> list[int]:
    """Return the slot processes below a process whose last argument, up to their number, is one of the names."""
    found = []
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(parent).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                line = child.cmdline()
                if len(line) > 2 and line[-1].rpartition("-")[0] in names and child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child.pid)
    return found
