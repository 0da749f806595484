"""Of several wishes about the flow of a simulation the highest wins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparring.types.flow import SimulationFlowControl, combine


def test_the_order_is_that_of_palaestrai() -> None:
    names = "CONTINUE PAUSE RESET RESTART STOP_SIMULATION STOP_PHASE SHUTDOWN"
    assert [wish.name for wish in sorted(SimulationFlowControl)] == names.split()


@given(st.lists(st.sampled_from(SimulationFlowControl)))
def test_the_highest_wish_wins(wishes: list[SimulationFlowControl]) -> None:
    assert combine(wishes) is max([*wishes, SimulationFlowControl.CONTINUE])


def test_from_reset_on_the_episode_ends() -> None:
    ends = [wish.name for wish in SimulationFlowControl if wish.ends_episode]
    assert ends == ["RESET", "RESTART", "STOP_SIMULATION", "STOP_PHASE", "SHUTDOWN"]
