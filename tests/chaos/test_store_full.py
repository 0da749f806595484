"""A disk that is full in the middle of a run: the run waits, says so, goes on, and every bit is as undisturbed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.documents import write_document
from tests.chaos.embedded import LocalRun, local_run
from tests.chaos.history import check_history, read_history
from tests.support.eventually import eventually_sync

SIZE = "6m"
EPISODES = 12
SOON_S = 120.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few MiB, taken away in the end."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small disk, and not in every container")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Take all room that there is."""
    with file.open("wb", buffering=0) as opened:
        try:
            while True:
                opened.write(bytes(4096))
        except OSError:
            return


def told(run: LocalRun, event: str) -> list[dict[str, object]]:
    """Return the events of a kind that a run has told so far; a line that is being written is left out."""
    lines = run.output().rpartition("\n")[0].splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [each for each in found if each.get("event") == event]


def test_a_run_waits_for_room_on_its_disk(disk: Path, tmp_path: Path) -> None:
    document = write_document(tmp_path / "document", "step", EPISODES)
    with local_run(document, tmp_path / "quiet" / "store") as run:
        undisturbed = read_history(tmp_path / "quiet" / "store", run.end())
    store = tmp_path / "full" / "store"
    store.parent.mkdir()
    store.symlink_to(disk / "store")
    (disk / "store").mkdir()
    with local_run(document, store) as run:
        eventually_sync(lambda: len(told(run, "episode")) >= 3, within_s=SOON_S)
        fill(disk / "filler")
        eventually_sync(lambda: any(each["waiting"] == "STORE_FULL" for each in told(run, "progress")), within_s=SOON_S)
        assert run.playing
        (disk / "filler").unlink()
        name = run.end()
    check_history(store, name, document.plan, undisturbed)
