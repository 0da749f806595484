"""The example that `make run` plays: an agent learns to balance a pole, and keeps doing so when it is tested."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.command import EXAMPLES, played, sparring

CARTPOLE = EXAMPLES / "cartpole.yml"
STORE = "data"


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The example, played once: its folder and its summary."""
    folder = tmp_path_factory.mktemp("cartpole")
    return folder, played(str(CARTPOLE), "--store", STORE, folder=folder)


def query(folder: Path, sql: str) -> list[dict[str, Any]]:
    result = sparring("query", "--json", "--store", STORE, sql, folder=folder)
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_a_trained_agent_balances_the_pole(learned: tuple[Path, dict[str, Any]]) -> None:
    _, summary = learned
    train, test = summary["phases"]
    assert summary["deterministic"] is True
    assert (train["mode"], test["mode"]) == ("train", "test")
    assert test["episodes"] >= 20
    assert test["mean_return"] >= 450


def test_the_same_agent_untrained_does_not(tmp_path: Path) -> None:
    document = YAML(typ="safe").load(CARTPOLE.read_text())
    train, test = (next(iter(phase.values())) for phase in document["schedule"])
    document["schedule"] = [{"untrained": train | test}]
    (tmp_path / "untrained.yml").write_text(json.dumps(document))
    (phase,) = played("untrained.yml", folder=tmp_path)["phases"]
    assert (phase["mode"], phase["episodes"]) == ("test", test["phase_config"]["episodes"])
    assert phase["mean_return"] < 60


def test_it_becomes_better_while_it_trains(learned: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = learned
    rows = query(folder, "SELECT episode_return FROM episodes WHERE phase = 0 ORDER BY episode, rollout")
    returns = [row["episode_return"] for row in rows]
    assert len(returns) == 240
    assert statistics.mean(returns[:40]) < 60
    assert statistics.mean(returns[-40:]) > 300


def test_the_brain_that_is_tested_is_the_one_that_was_trained(learned: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = learned
    rows = query(folder, "SELECT phase, digest FROM brain_states WHERE tag = 'phase-end' ORDER BY phase")
    assert [row["phase"] for row in rows] == [0, 1]
    assert rows[0]["digest"] == rows[1]["digest"]


def test_what_is_stored_has_the_digests_of_what_was_played(learned: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = learned
    result = sparring("verify", summary["run"], "--store", STORE, folder=folder)
    assert result.code == 0, result.out + result.err
    (counted,) = query(folder, "SELECT count(*) AS steps FROM steps WHERE step > 0")
    assert counted["steps"] == sum(phase["steps"] for phase in summary["phases"])
