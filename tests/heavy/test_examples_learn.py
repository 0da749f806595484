"""What the examples promise, played as users play them, with six seeds each: `make heavy`, a quarter of an hour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import EXAMPLES, played

pytestmark = pytest.mark.heavy

SEEDS = (42, 1, 2, 3, 4, 5)
LIMIT_S = 600


def phases(example: str, seed: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Play an example; return what its phases came to, by name."""
    document = str(EXAMPLES / f"{example}.yml")
    summary = played(document, "--seed", str(seed), folder=folder, limit_s=LIMIT_S)
    assert summary["deterministic"] is True
    return {phase["name"]: phase for phase in summary["phases"]}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_pole_is_balanced(seed: int, tmp_path: Path) -> None:
    test = phases("cartpole", seed, tmp_path)["test"]
    assert test["episodes"] >= 20
    assert test["mean_return"] >= (450 if seed == SEEDS[0] else 400)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_agent_swings_up_two_arms(seed: int, tmp_path: Path) -> None:
    assert phases("acrobot", seed, tmp_path)["test"]["mean_return"] >= -120


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_agent_swings_up_a_pendulum_with_a_motor(seed: int, tmp_path: Path) -> None:
    played_phases = phases("pendulum", seed, tmp_path)
    assert played_phases["test"]["mean_return"] >= -350
    assert played_phases["test"]["mean_return"] > played_phases["train"]["mean_return"] + 200


def test_the_defender_keeps_the_frequency_better_than_one_that_acts_at_random(tmp_path: Path) -> None:
    better = 0
    for seed in SEEDS[1:]:
        found = phases("attacker-defender", seed, tmp_path)
        better += found["test"]["mean_return"] > 2 * found["random-defender"]["mean_return"]
    assert better >= 4
