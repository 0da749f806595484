"""Deletes runs of a store on this machine: their rows, and with them their files."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sparring.cli.access.local_store import opened
from sparring.cli.access.records import RunRecord
from sparring.cli.plotting.places import usual_place
from sparring.store.places import Places
from sparring.store.sql.deletion import delete_run
from sparring.types.errors import InvalidArgumentError

_MOST: Final = 1_000_000
"""More runs than that are not looked at."""

_GOING: Final = "_deleted."
"""Folders so named, beside those of runs, are of runs that are no more."""


@dataclass(frozen=True, slots=True)
class Deletable:
    """A run that can be deleted, and what its files take."""

    run: RunRecord
    size_bytes: int


async def find(store: str, name: str) -> Deletable:
    """Return a run.

    Raises:
        NotFoundError: STORE_UNKNOWN, RUN_UNKNOWN.
        InvalidArgumentError: STORE_ELSEWHERE.
    """
    places = _places(store)
    with opened(store) as local:
        run, _ = await local.run(name)
    return Deletable(run, _size(places.run(run.run)))


async def outdated(store: str, keep: int, older_than: timedelta | None, now: datetime) -> list[Deletable]:
    """Return runs that have ended, newest first, without the newest `keep` and those that ended later.

    Raises:
        NotFoundError: STORE_UNKNOWN.
        InvalidArgumentError: STORE_ELSEWHERE.
    """
    places = _places(store)
    with opened(store) as local:
        over = [run for run in await local.runs(_MOST) if run.over][keep:]
    old = [run for run in over if older_than is None or (run.ended is not None and now - run.ended > older_than)]
    return [Deletable(run, _size(places.run(run.run))) for run in old]


def delete(store: str, runs: Sequence[str]) -> None:
    """Delete runs, one after the other; each entirely or not at all.

    Raises:
        NotFoundError: RUN_UNKNOWN.
        FailedPreconditionError: RUN_IN_PROGRESS.
        InvalidArgumentError: STORE_ELSEWHERE.
    """
    places = _places(store)
    for name in runs:
        folder, going = places.run(name), places.directory / f"{_GOING}{name}"
        try:
            delete_run(places.database_url, name, time.time_ns(), partial(_move, folder, going))
        except BaseException:
            _move(going, folder)  # the rows are still there
            raise
        usual_place(name, store, "").unlink(missing_ok=True)
    for left in places.directory.glob(f"{_GOING}*"):  # also those of a deletion that was interrupted
        shutil.rmtree(left, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    if source.is_dir() and not target.exists():
        source.rename(target)


def _places(store: str) -> Places:
    if "://" in store:
        raise InvalidArgumentError(
            "STORE_ELSEWHERE",
            "Runs are deleted with their files: name the folder of the store, on the machine where it is.",
            store=store,
        )
    return Places(Path(store))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
