"""A muscle in JavaScript with its brain in Python, in an environment in JavaScript."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.command import sparring
from tests.e2e.languages.building import EXAMPLES, serving

MUSCLE = EXAMPLES / "node" / "muscle"
EPISODES = 30


def test_a_brain_in_python_trains_a_muscle_in_another_language_twice_the_same(node: list[str], folder: Path) -> None:
    shutil.copy(MUSCLE / "climbing.py", folder)
    with serving(node) as house, serving(["node", str(MUSCLE / "main.js")]) as muscle:
        text = (MUSCLE / "experiment.yml").read_text()
        text = text.replace("address: 127.0.0.1:50062", f"address: {house}").replace("127.0.0.1:50064", muscle)
        (folder / "two.yml").write_text(text.replace("episodes: 60", f"episodes: {EPISODES}"))
        runs = [sparring("run", "--json", "two.yml", folder=folder) for _ in range(2)]
    assert [each.code for each in runs] == [0, 0], runs[0].err + runs[1].err
    assert runs[0].summary["digest"] == runs[1].summary["digest"]
    returns = [each["episode_return"] for each in runs[0].events if each["event"] == "episode"]
    assert len(returns) == EPISODES
    half = EPISODES // 2
    assert sum(returns[half:]) > sum(returns[:half])
