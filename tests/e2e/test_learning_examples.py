"""The other examples that learn, played for fewer episodes than they say; what they learn is in tests/heavy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import EXAMPLES, sparring
from tests.e2e.learning import Played


def shortened(example: str, folder: Path) -> Played:
    """Play an example with two episodes per phase and rollout worker, from a folder of its own."""
    text, count = re.subn(r"episodes: \d+", "episodes: 2", (EXAMPLES / f"{example}.yml").read_text())
    assert count >= 2
    shutil.copy(EXAMPLES / "frequency.py", folder)
    (folder / f"{example}.yml").write_text(text)
    result = sparring("run", "--json", "--store", "data", f"{example}.yml", folder=folder)
    assert result.code == 0, result.err + result.out[-2000:]
    return Played(folder, "data", example, result)


@pytest.mark.parametrize(("example", "reading"), [("acrobot", "sensor.arms.0"), ("pendulum", "sensor.pendulum.speed")])
def test_an_example_of_gymnasium_is_played(example: str, reading: str, tmp_path: Path) -> None:
    run = shortened(example, tmp_path)
    assert [(phase["name"], phase["episodes"]) for phase in run.summary["phases"]] == [("train", 8), ("test", 2)]
    (row,) = run.query(f'SELECT count(DISTINCT "{reading}") AS readings, count(*) AS rows FROM steps')
    assert 0 < row["readings"] <= row["rows"]


def test_attacker_and_defender_want_the_opposite_and_the_defender_can_be_replaced(tmp_path: Path) -> None:
    run = shortened("attacker-defender", tmp_path)
    phases = run.summary["phases"]
    assert [phase["name"] for phase in phases] == ["train", "test", "random-defender"]
    for episode in run.query("SELECT episode_return, objectives FROM episodes"):
        wanted: dict[str, Any] = dict(episode["objectives"])
        assert wanted["defender"] == pytest.approx(episode["episode_return"])
        assert wanted["attacker"] == pytest.approx(-episode["episode_return"])
    brains = run.brains
    for phase in (1, 2):
        assert brains[phase, "attacker", "phase-end"] == brains[0, "attacker", "phase-end"]
    assert brains[2, "defender", "phase-end"] != brains[0, "defender", "phase-end"]
