"""Faults of a document, as a user has them: the same wherever components run, and kept with the run."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import EXAMPLES, Result, sparring
from tests.e2e.services import deployed

DOCUMENT = """\
uid: disturbed
seed: 42
schedule:
  - train:
      environments:
        - environment: {name: "frequency:TwoAreas", uid: grid, params: {duration_s: 5}}
      agents:
        - name: defender
          brain: {name: "sparring.agent.learners:PPOBrain", params: {levels: 3}}
          muscle: {name: "sparring.agent.learners:PPOMuscle"}
          sensors: [grid.frequency_north, grid.frequency_south, grid.flow]
          actuators: [grid.battery, grid.reserve]
      phase_config: {worker: 1, episodes: 6, learning: step}
"""
DATA = """\
      faults:
        - {sensor: grid.frequency_north, freeze: true, probability: 0.5, from_step: 5, until_step: 15}
        - {sensor: grid.flow, bias: 0.2, episodes: [1, 3]}
        - {actuator: grid.battery, lost: true, episode: 2, from_step: 8}
"""
KILL = "        - {environment: grid, kill: true, episode: 3, from_step: 10}\n"
STOP = "        - {agent: defender, freeze_s: 60, episode: 4, from_step: 2}\n"
"""For longer than a host waits for a process that stands still."""
PROCESSES = f"""\
{KILL}\
        - {{agent: defender, kill: true, episode: 1, from_step: 4}}
        - {{environment: grid, freeze_s: 0.1, episode: 2, from_step: 3}}
        - {{agent: defender, drop: true, episode: 4, from_step: 6}}
        - {{environment: grid, delay_s: 0.002, episode: 5, until_step: 10}}
"""
RUNS = {
    "none": (DOCUMENT, "inline"),
    "data": (DOCUMENT + DATA, "inline"),
    "killed": (DOCUMENT + DATA + KILL + STOP, "inline"),
    "all": (DOCUMENT + DATA + PROCESSES, "service"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("faults")
    shutil.copy(EXAMPLES / "frequency.py", made)
    for name, (text, _) in RUNS.items():
        (made / f"{name}.yml").write_text(text)
    return made


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Result]:
    """Every document, played once."""
    return {
        name: sparring("run", "--json", f"{name}.yml", "--placement", placement, "--store", name, folder=folder)
        for name, (_, placement) in RUNS.items()
    }


def faults(store: str, folder: Path) -> list[dict[str, Any]]:
    shown = sparring("runs", "show", "latest", "--json", "--store", store, folder=folder)
    found: list[dict[str, Any]] = json.loads(shown.out).get("faults", [])
    return found


def losses(result: Result) -> int:
    return sum(event.get("state") == "HANDLING_DEAD_WORKERS" for event in result.events)


def test_faults_of_data_change_the_digest_and_others_do_not(runs: dict[str, Result]) -> None:
    assert {name: result.code for name, result in runs.items()} == dict.fromkeys(RUNS, 0), runs
    digests = {name: result.summary["digest"] for name, result in runs.items()}
    assert digests["data"] == digests["killed"] == digests["all"]
    assert digests["none"] != digests["data"]
    assert runs["all"].summary["deterministic"] is True


def test_what_is_killed_or_stands_still_is_lost_once_and_played_again(runs: dict[str, Result]) -> None:
    assert [losses(runs[name]) for name in ("none", "data", "killed")] == [0, 0, 2]
    assert losses(runs["all"]) >= 2  # a slow machine may lose the process that stands still as well


def test_every_fault_that_struck_is_kept(runs: dict[str, Result], folder: Path) -> None:
    assert faults("none", folder) == []
    data, everything = faults("data", folder), faults("all", folder)
    assert [each for each in everything if each["kind"].startswith(("sensor", "actuator"))] == data
    assert {"kind": "actuator_lost", "target": "grid.battery", "value": 0.0, "phase": 0, "mode": "train"} | {
        "rollout": 0,
        "episode": 2,
        "step": 8,
    } in data
    assert {(each["target"], each["episode"], each["step"]) for each in everything if each["kind"] == "kill"} == {
        ("grid", 3, 10),
        ("defender", 1, 4),
    }
    counts = Counter(each["kind"] for each in everything)
    assert {kind: counts[kind] for kind in ("freeze", "drop", "delay", "sensor_bias")} == {
        "freeze": 1,
        "drop": 1,
        "delay": 1,
        "sensor_bias": 2,
    }


def test_faults_can_be_queried_and_the_run_verified(runs: dict[str, Result], folder: Path) -> None:
    statement = "SELECT kind, episode, step FROM faults WHERE run = latest() AND target = 'grid' ORDER BY episode"
    rows = sparring("query", "--csv", statement, "--store", "killed", folder=folder)
    assert rows.out.splitlines() == ["kind,episode,step", "kill,3,10"]
    assert sparring("verify", "latest", "--store", "all", folder=folder).code == 0
    shown = sparring("runs", "show", "latest", "--store", "killed", folder=folder).out
    assert "sensor bias" in shown
    assert "grid.flow" in shown


def test_separate_services_have_the_same_faults(runs: dict[str, Result], folder: Path) -> None:
    with deployed(folder, SPARRING_PLUGINS="frequency", PYTHONPATH=str(folder)) as services:
        broker = services["broker"].address
        result = sparring("run", "--json", "all.yml", "--connect", broker, folder=folder)
        shown = sparring("runs", "show", "latest", "--json", "--connect", broker, folder=folder)
    assert result.summary["digest"] == runs["data"].summary["digest"]
    assert json.loads(shown.out)["faults"] == faults("all", folder)


def test_a_fault_of_what_there_is_not_is_refused_before_anything_starts(folder: Path) -> None:
    wrong = "      faults:\n        - {sensor: grid.frequency_east, freeze: true}\n"
    (folder / "wrong.yml").write_text(DOCUMENT + wrong)
    checked = sparring("check", "wrong.yml", folder=folder)
    assert checked.code != 0
    said = checked.out + checked.err
    assert "wrong.yml:15" in said
    assert "no sensor 'grid.frequency_east'" in said
