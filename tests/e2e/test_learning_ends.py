"""Objectives computed from memory, and what ends once they are high enough: episodes, phases."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.learning import Played, document, play

CONDITION = "sparring.experiment:AgentObjectiveTerminationCondition"
LONG = """
uid: long
seed: 5
schedule:
  - train:
      environments:
        - environment: {name: "pupils:Cues", uid: world, params: {length: 20}}
      agents:
        - name: diarist
          brain: {name: "pupils:Diarist", params: {diary: DIARY}}
          muscle: {name: "pupils:Teller"}
          objective: {name: "pupils:OBJECTIVE"}
          sensors: [world.step]
          actuators: [world.number]
      simulation:
        conditions:
          - name: sparring.experiment:EnvironmentTerminationConditionMORE
      phase_config: {mode: train, HOW}
run_config:
  condition: {name: "RUN", params: {PARAMS}}
"""


def lasting(objective: str, how: str, episode: str = "", phase: str = "") -> str:
    """Return a document with episodes of 20 steps; `episode` and `phase` are averages that end them."""
    more = f'\n          - {{name: "{CONDITION}", params: {{diarist: {{{episode}}}}}}}' if episode else ""
    run = CONDITION if phase else "sparring.experiment:VanillaRunGovernorTerminationCondition"
    text = LONG.replace("OBJECTIVE", objective).replace("HOW", how).replace("MORE", more).replace("RUN", run)
    return text.replace("PARAMS", f"diarist: {{{phase}}}" if phase else "")


def episodes(run: Played) -> list[dict[str, Any]]:
    assert run.digest
    return run.query("SELECT * FROM episodes ORDER BY episode, rollout")


def test_an_objective_looks_back_in_the_memory_of_its_episode(tmp_path: Path) -> None:
    run = play(tmp_path, document("worker: 2, episodes: 3, learning: episode"))
    found = episodes(run)
    rows = run.query("SELECT * FROM steps ORDER BY phase, rollout, episode, step")
    sums = {}
    for key, steps in itertools.groupby(rows, key=lambda row: (row["phase"], row["rollout"], row["episode"])):
        played = list(steps)[1:]
        rights = [row["reward.world.right"] for row in played]
        expected = [sum(rights[max(0, at - 2) : at + 1]) - (at + 1) / 100 for at in range(len(rights))]
        assert [row["objective.learner"] for row in played] == expected
        sums[key] = sum(expected)
    told = {(each["phase"], each["rollout"], each["episode"]): dict(each["objectives"])["learner"] for each in found}
    assert told == pytest.approx(sums)
    assert len(told) == 10


@pytest.mark.parametrize("placement", ["inline", "service"])
def test_an_episode_ends_once_the_mean_objective_of_its_last_steps_is_high_enough(
    placement: str, tmp_path: Path
) -> None:
    text = lasting("Count", "worker: 2, episodes: 2, learning: episode", episode="brain_avg2: 7.5")
    run = play(tmp_path, text, "--placement", placement)
    found = episodes(run)
    assert [each["steps"] for each in found] == [8] * 4
    assert {(each["terminated"], each["truncated"]) for each in found} == {(False, True)}


@pytest.mark.parametrize("learning", ["episode", "async"])
def test_a_phase_ends_once_the_mean_objective_of_the_last_episodes_is_high_enough(
    learning: str, tmp_path: Path
) -> None:
    # An objective per step is the number of steps learned from: in round n, 40 n. The mean of rounds 2 and 3 is 100.
    run = play(tmp_path, lasting("Number", f"worker: 2, episodes: 50, learning: {learning}", phase="phase_avg2: 90"))
    found = episodes(run)
    reasons = [event["message"] for event in run.result.events if event.get("state") == "STOPPING_SIMULATION"]
    assert reasons[0].startswith("objective: diarist: mean objective of the last 2 episodes is")
    if learning == "episode":
        assert [(each["episode"], each["rollout"]) for each in found] == list(itertools.product(range(4), range(2)))
        assert reasons[0].endswith("is 100, at least 90")
    else:
        assert 4 <= len(found) < 100


def test_with_learning_by_steps_the_phase_ends_after_the_very_episode_that_is_good_enough(tmp_path: Path) -> None:
    # An episode's mean is that of the numbers of its steps: 9.5, 29.5, 49.5.
    run = play(tmp_path, lasting("Number", "worker: 1, episodes: 50, learning: step", phase="phase_avg1: 49.5"))
    assert len(episodes(run)) == 3
