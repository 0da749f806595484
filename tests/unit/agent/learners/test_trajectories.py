"""Rows of several muscles as trajectories, and their advantages."""

from typing import Any

import numpy as np
import pytest

from sparring.agent.learners.trajectories import advantages, trajectories
from sparring.agent.memory import Memory
from sparring.agent.memory_row import Fields, Row
from sparring.types.free_value import to_free_value
from sparring.types.space import Discrete

SENSORS = Fields("sensor", ["w.s"], [Discrete(100)])
ACTUATORS = Fields("actuator", ["w.a"], [Discrete(2)])
REWARDS = Fields("reward", ["w.r"], [Discrete(9)])


def row(tag: str, read: int, told: Any = None, end: str = "", objective: Any = 1.0) -> Row:
    made = Row(
        tag,
        SENSORS,
        SENSORS.layout.pack([read]),
        ACTUATORS,
        ACTUATORS.layout.pack([0]),
        REWARDS,
        REWARDS.layout.pack([1]),
        end == "terminated",
        end == "truncated",
        None if told is None else to_free_value(told),
    )
    made.objective = np.atleast_1d(np.array(objective, np.float64))
    return made


def remembered(*rows: Row) -> list[Row]:
    memory = Memory()
    for each in rows:
        memory.add(each)
    return list(memory.tail(len(rows)).rows)


def seen(found: Any) -> list[tuple[int, list[int], int | None, bool]]:
    """Return policy, readings, what was read after them, and whether the episode ended, of each trajectory."""

    def read(values: Any) -> Any:
        return SENSORS.layout.unpack(values)[0]

    return [
        (
            each.policy,
            [int(read(one.readings)) for one in each.rows],
            None if each.final is None else int(read(each.final)),
            each.whole,
        )
        for each in found
    ]


def test_muscles_are_kept_apart_and_episodes_end_where_their_tasks_do() -> None:
    rows = remembered(
        row("a", 1, told=3), row("b", 11, told=4), row("a", 2), row("b", 12, end="terminated"), row("a", 3)
    )
    assert seen(trajectories(rows, {})) == [(3, [1, 2], 3, False), (4, [11, 12], None, True)]


def test_an_episode_that_is_cut_short_goes_on_to_what_was_read_last() -> None:
    rows = remembered(row("a", 1, told=3), row("a", 2, end="truncated"))
    rows[-1].next_readings = SENSORS.layout.pack([9])
    assert seen(trajectories(rows, {})) == [(3, [1, 2], 9, True)]


def test_a_row_whose_end_is_not_known_yet_only_ends_the_one_before() -> None:
    rows = remembered(row("a", 1, told=3), row("a", 2, end="truncated"))
    assert seen(trajectories(rows, {})) == [(3, [1], 2, False)]
    assert trajectories(remembered(row("a", 1, told=3)), {}) == []


def test_another_policy_begins_another_trajectory() -> None:
    rows = remembered(row("a", 1, told=3), row("a", 2, told=4), row("a", 3, end="terminated"))
    assert seen(trajectories(rows, {})) == [(3, [1], 2, False), (4, [2, 3], None, True)]


def test_the_policy_of_a_muscle_is_known_from_rows_before() -> None:
    acting = {"a": 5}
    rows = remembered(row("a", 1), row("a", 2, told=6), row("b", 3), row("a", 4), row("b", 5))
    assert [each.policy for each in trajectories(rows, acting)] == [5, 6, -1]
    assert acting == {"a": 6}


def test_an_objective_that_says_nothing_counts_as_zero_and_a_vector_as_its_sum() -> None:
    rows = [row("a", 1, told=0, objective=[1.0, 2.5]), row("a", 2, objective=[]), row("a", 3, objective=np.nan)]
    rows.append(row("a", 4, end="terminated", objective=-2.0))
    assert trajectories(remembered(*rows), {})[0].rewards.tolist() == [3.5, 0, 0, -2]


@pytest.mark.parametrize("decay", [0.0, 0.7, 1.0])
def test_advantages_are_the_weighted_surprises_to_come(decay: float) -> None:
    rng = np.random.default_rng(1)
    rewards, values, final = rng.normal(size=6), rng.normal(size=6), 0.4
    after = np.append(values[1:], final)
    surprises = rewards + 0.9 * after - values
    expected = [sum((0.9 * decay) ** ahead * surprises[step + ahead] for ahead in range(6 - step)) for step in range(6)]
    assert np.allclose(advantages(rewards, values, final, 0.9, decay), expected)
