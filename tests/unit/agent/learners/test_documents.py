"""What the agent of the examples can do before it has learned anything; what it learns is in tests/heavy."""

import pytest

from sparring.experiment import load_document
from tests.support.repository import ROOT
from tests.support.training import play_phase


@pytest.mark.parametrize("seed", [42, 1, 2, 3, 4, 5])
def test_an_untrained_agent_does_not_balance_the_pole(seed: int) -> None:
    cartpole = load_document(ROOT / "examples" / "cartpole.yml").expand(seed=seed)
    assert play_phase(cartpole.phases[1], seed).mean_return < 60
