"""What the examples promise, with several seeds; minutes, so only with `-m heavy`."""

import sys
from collections.abc import Iterator

import pytest

from sparring.experiment import ExperimentRun, load_document
from tests.support.repository import ROOT
from tests.support.training import play, play_phase

EXAMPLES = ROOT / "examples"
SEEDS = (42, 1, 2, 3, 4, 5)


@pytest.fixture(autouse=True)
def _classes_beside_the_documents() -> Iterator[None]:
    sys.path.insert(0, str(EXAMPLES))
    yield
    sys.path.remove(str(EXAMPLES))


def run(name: str, seed: int) -> ExperimentRun:
    return load_document(EXAMPLES / f"{name}.yml").expand(seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_untrained_agent_does_not_balance_the_pole(seed: int) -> None:
    cartpole = run("cartpole", seed)
    assert play_phase(cartpole.phases[1], seed).mean_return < 60


@pytest.mark.heavy
@pytest.mark.parametrize("seed", SEEDS)
def test_a_trained_agent_balances_the_pole(seed: int) -> None:
    _, test = play(run("cartpole", seed))
    assert len(test.episodes) >= 20
    assert test.mean_return >= (450 if seed == SEEDS[0] else 400)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_agent_swings_up_on_two_arms(seed: int) -> None:
    _, test = play(run("acrobot", seed))
    assert test.mean_return >= -120


@pytest.mark.heavy
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_agent_swings_up_with_a_motor(seed: int) -> None:
    _, test = play(run("pendulum", seed))
    assert test.mean_return >= -350


@pytest.mark.heavy
@pytest.mark.parametrize("seed", SEEDS)
def test_the_defender_keeps_the_frequency_better_than_one_that_acts_at_random(seed: int) -> None:
    _, trained, random = play(run("attacker-defender", seed))
    assert trained.mean_objective("defender") > 2 * random.mean_objective("defender")
