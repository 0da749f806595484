"""Where things lie below the store's directory.

    store.sqlite                                                     runs, phases, episodes, headers (unless elsewhere)
    runs/RUN/phase=0/mode=train/rollout=0/_steps.segment             steps of a phase that goes on
    runs/RUN/phase=0/mode=train/rollout=0/steps.parquet              steps of a sealed phase
    runs/RUN/brains/DIGEST.state                                     brain states

Tools that know partitioned data sets read `runs/RUN` as a whole; names that begin with `_` are left out by them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sparring.store.phases import RecordingKey

DATABASE: Final = "store.sqlite"
PARQUET: Final = "steps.parquet"


class Places:
    """Paths below one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.runs = self.directory / "runs"

    @property
    def database_url(self) -> str:
        """Of the database in the directory."""
        return f"sqlite:///{self.directory / DATABASE}"

    def run(self, run: str) -> Path:
        """Folder of a run."""
        return self.runs / run

    def segment(self, recording: RecordingKey) -> Path:
        """Steps of a rollout worker while its phase is not sealed."""
        return self._recording(recording) / "_steps.segment"

    def parquet(self, recording: RecordingKey) -> Path:
        """Steps of a rollout worker once its phase is sealed."""
        return self._recording(recording) / PARQUET

    def brain_state(self, run: str, digest: bytes) -> Path:
        """A brain state."""
        return self.run(run) / "brains" / f"{digest.hex()}.state"

    def _recording(self, recording: RecordingKey) -> Path:
        run, phase, mode, rollout = recording
        return self.run(run) / f"phase={phase}" / f"mode={mode}" / f"rollout={rollout}"


def make_durable_folder(folder: Path) -> None:
    """Make a folder with all above it, so that it is still there after a loss of power."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
