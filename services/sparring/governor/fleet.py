"""All runs of one governor process: claimed, governed side by side, and handed over when the process ends."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Final

from sparring.governor.limits import DEFAULT_LIMITS, Limits
from sparring.governor.ports import Ports
from sparring.governor.progress_board import ProgressNote
from sparring.governor.run_governor import RunGovernor
from sparring.governor.run_record import Run
from sparring.rpc.tasks import Tasks
from sparring.types.errors import SparringError

_log = logging.getLogger(__name__)
_LEAVE_S: Final = 10.0


class Fleet:
    """Claims submitted and lapsed runs and governs them, so many at once. One run's trouble is none of the others'.

    Args:
        ports: Everybody else.
        uid: This process's name in the store; one is made up if there is none.
        runs: How many runs at once.
        look_every_s: How often to look for runs that nobody told of.
        limits: How long to wait for what.
        plugins: Modules with authors' termination conditions.
        asked_only: Claim only runs that somebody here asked for: what others left behind in the store is theirs.

    Attributes:
        worker: The Majordomo worker that takes the service's calls, shown by every run governor.
    """

    def __init__(
        self,
        ports: Ports,
        *,
        uid: str | None = None,
        runs: int = 64,
        look_every_s: float = 2.0,
        limits: Limits = DEFAULT_LIMITS,
        plugins: Sequence[str] = (),
        asked_only: bool = False,
    ) -> None:
        self.worker: object | None = None
        self._ports = ports
        self._uid = uid or f"governor-{secrets.token_hex(4)}"
        self._runs = runs
        self._look_every_s = look_every_s
        self._limits = limits
        self._plugins = tuple(plugins)
        self._governed: dict[str, RunGovernor] = {}
        self._changed = asyncio.Event()
        self._news = asyncio.Event()
        self._leaving = False
        self._asked: set[str] | None = set() if asked_only else None

    @property
    def governed(self) -> Sequence[str]:
        """The runs that are governed here."""
        return list(self._governed)

    def look(self, run: str) -> None:
        """Look now for runs to claim: somebody has asked for this one."""
        if self._asked is not None:
            self._asked.add(run)
        self._news.set()

    def heed(self, run: Run) -> None:
        """Pass a user's wish on at once; a governor elsewhere learns it from the store."""
        governor = self._governed.get(run.run)
        if governor is not None:
            governor.heed(run)

    async def progress(self, run: str) -> AsyncIterator[ProgressNote]:
        """Yield the passing progress of a run, from when it is governed here; never ends."""
        while run not in self._governed:
            changed = self._changed
            await changed.wait()
        async for note in self._governed[run].board.changes():
            yield note

    async def run(self) -> None:
        """Claim and govern until cancelled."""
        async with Tasks() as tasks:
            while True:
                self._news.clear()
                await self._claim(tasks)
                try:
                    async with asyncio.timeout(self._look_every_s):
                        await self._news.wait()
                except TimeoutError:
                    continue

    async def leave(self, within_s: float = _LEAVE_S) -> None:
        """Hand all runs over: what is open ends in good order, and another governor goes on."""
        self._leaving = True
        for governor in self._governed.values():
            governor.leave()
        try:
            async with asyncio.timeout(within_s):
                while self._governed:
                    changed = self._changed
                    await changed.wait()
        except TimeoutError:
            _log.warning("runs %s did not end in good order in time", ", ".join(self._governed))

    async def _claim(self, tasks: Tasks) -> None:
        room = self._room()
        names = () if self._asked is None else tuple(self._asked)
        if room <= 0 or (self._asked is not None and not names):
            return
        try:
            claimed = await self._ports.store.claim(self._uid, room, self._limits.lease_s, names)
        except SparringError as error:
            _log.warning("cannot look for runs: %s", error)
            return
        for run in claimed:
            governor = RunGovernor(
                "", self._uid, client=self._ports, claimed=run, limits=self._limits, plugins=self._plugins
            )
            governor.worker = self.worker
            if self._leaving:
                governor.leave()
            self._governed[run.run] = governor
            tasks.start(self._govern(run.run, governor), f"run {run.run}")
        self._notify()

    async def _govern(self, run: str, governor: RunGovernor) -> None:
        try:
            await governor.run()
        except SparringError as error:
            _log.error("run %s is left to another governor: %s", run, error)
        finally:
            if self._governed.get(run) is governor:  # it may have been claimed again, by this very process
                del self._governed[run]
            self._notify()
            self._news.set()  # there is room now

    def _room(self) -> int:
        return 0 if self._leaving else self._runs - len(self._governed)

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
