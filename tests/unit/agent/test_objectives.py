"""The objectives that come with Sparring."""

from typing import Any

import numpy as np
import pytest

from sparring.agent import AggregateRewardsObjective, DummyObjective, Memory, RewardInformation
from sparring.types.errors import InvalidArgumentError
from sparring.types.space import Box, Discrete

LEVEL = Box(-9.0, 9.0, (), np.float64)
PAIR = Box(-9.0, 9.0, (2,), np.float32)


def memory(*rewards: tuple[str, Any]) -> Memory:
    made = Memory()
    for _ in range(2):
        infos = [RewardInformation(value, PAIR if np.ndim(value) else LEVEL, uid) for uid, value in rewards]
        made.append("m", rewards=infos, done=False)
    return made


def test_the_dummy_sums_all_rewards_also_those_of_equal_name() -> None:
    given = memory(("a.r", 1.0), ("b.r", 1.0), ("b.v", np.array([0.5, 0.25], np.float32)))
    assert DummyObjective().internal_reward(given) == 2.75
    assert len(given) == 1
    assert DummyObjective({"any": 1}).internal_reward(memory(("a.r", None))) is None
    assert DummyObjective().internal_reward(memory()) is None


@pytest.mark.parametrize(("aggregation", "value"), [("sum", 7.0), ("min", 1.0), ("max", 4.0), ("mean", 7 / 3)])
def test_rewards_are_aggregated(aggregation: str, value: float) -> None:
    objective = AggregateRewardsObjective(["a.r", "b.r", "late"], aggregation, factor=-1.0)
    given = memory(("a.r", 1.0), ("b.r", 2.0), ("a.late", 4.0), ("a.other", 8.0))
    assert objective.internal_reward(given) == pytest.approx(-value)


def test_one_reward_may_be_given_by_itself_and_be_missing_now_and_then() -> None:
    objective = AggregateRewardsObjective("r")
    assert objective.internal_reward(memory(("a.r", 3.0))) == 3.0
    assert objective.internal_reward(memory(("a.r", None))) is None


@pytest.mark.parametrize(("name", "reason"), [("r", "REWARD_AMBIGUOUS"), ("a.q", "REWARD_UNKNOWN")])
def test_a_reward_must_be_known_and_clear(name: str, reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        AggregateRewardsObjective([name]).internal_reward(memory(("a.r", 1.0), ("b.r", 1.0)))
    assert caught.value.reason == reason
    assert "a.r, b.r" in caught.value.message


def test_an_unknown_aggregation_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="sum, min, max, mean"):
        AggregateRewardsObjective(["r"], "median")


def test_whole_numbers_are_rewards_too() -> None:
    made = Memory()
    made.append("m", rewards=[RewardInformation(2, Discrete(3), "a.r")], done=False)
    assert DummyObjective().internal_reward(made) == 2.0
