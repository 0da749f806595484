"""Jobs over each implementation of the port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sparring.store.changes import Changes
from sparring.store.titanic.disk import Disk, on_disk
from sparring.store.titanic.dispatch import Dispatch
from sparring.store.titanic.jobs import Jobs
from sparring.store.titanic.orders import Quota
from sparring.store.titanic.port import JobDatabase
from sparring.store.titanic.sql import SqlJobDatabase
from tests.unit.store.titanic.memory_jobs import MemoryJobDatabase

LEASE_NS = 6 * 10**9


@dataclass
class Clock:
    now_ns: int = 10**18

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)


@dataclass
class Kept:
    """Jobs, the clock, and dispatchers over the same rows."""

    jobs: Jobs
    disk: Disk
    clock: Clock
    changes: Changes

    def dispatch(self, owner: str = "first") -> Dispatch:
        return Dispatch(self.disk, self.changes, owner, LEASE_NS, self.clock)


@pytest.fixture(params=["sqlite", "memory"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], JobDatabase]:
    if request.param == "memory":
        return MemoryJobDatabase
    return lambda: SqlJobDatabase(f"sqlite:///{tmp_path}/store.sqlite")


@pytest.fixture
async def kept(opening: Callable[[], JobDatabase]) -> AsyncIterator[Kept]:
    clock, changes = Clock(), Changes()
    async with on_disk(opening) as disk:
        yield Kept(Jobs(disk, changes, Quota(open=3, kept=5, kept_bytes=100), clock), disk, clock, changes)
