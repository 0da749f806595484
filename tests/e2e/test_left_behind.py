"""A run that was left behind in a store is none of the next run's business."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.e2e.command import EXAMPLES, command, environment, played, sparring

LONG = (
    (EXAMPLES / "dummy.yml").read_text().replace("uid: dummy", "uid: long").replace("episodes: 5", "episodes: 100000")
)


def test_a_killed_run_is_left_as_it_is_by_the_next_one(tmp_path: Path) -> None:
    assert "episodes: 100000" in LONG
    (tmp_path / "long.yml").write_text(LONG)
    killed = subprocess.Popen(
        command("run", "--json", "--store", "data", "long.yml"),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with killed:
        assert killed.stdout is not None
        for line in killed.stdout:
            if json.loads(line)["event"] == "episode":
                break
        killed.kill()
    assert played(str(EXAMPLES / "dummy.yml"), "--store", "data", folder=tmp_path)["status"] == "finished"
    listed = sparring("runs", "list", "--store", "data", folder=tmp_path)
    (left,) = [line for line in listed.out.splitlines() if "long-1" in line]
    assert "failed" not in left
