"""Memory: cheap at its end, arrays first, and what users of earlier versions know."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from sparring.agent import ActuatorInformation, Memory, RewardInformation, SensorInformation
from sparring.types.errors import InvalidArgumentError
from sparring.types.space import Box, Dict, Discrete, Text

LEVEL = Box(-9.0, 9.0, (), np.float64)
PLACE = Box(-9.0, 9.0, (2,), np.float32)
NAME = Dict({"t": Text(5)})


def remember(memory: Memory, step: int, tag: str = "m", **more: Any) -> None:
    memory.append(
        tag,
        [
            SensorInformation(np.full(2, step, np.float32), PLACE, "grid.place"),
            SensorInformation(None if step == 1 else step, Discrete(50), "grid.n"),
            SensorInformation({"t": f"s{step}"}, NAME, "town.name"),
        ],
        [ActuatorInformation(step % 3, Discrete(3), "grid.a")],
        [RewardInformation(step / 2, LEVEL, "grid.r")],
        **{"done": False, **more},
    )


@pytest.fixture
def memory() -> Memory:
    made = Memory()
    for step in range(4):
        remember(made, step, "even" if step % 2 == 0 else "odd")
    return made


def test_the_tail_is_oldest_first_as_arrays(memory: Memory) -> None:
    shard = memory.tail(3)
    assert len(shard) == 3
    assert shard.reading("grid.place").tolist() == [[1, 1], [2, 2], [3, 3]]
    assert shard.reading("place").dtype == np.float32
    assert np.array_equal(shard.reading("grid.n"), [np.nan, 2, 3], equal_nan=True)
    assert shard.reading("name").tolist() == [{"t": "s1"}, {"t": "s2"}, {"t": "s3"}]
    assert shard.setpoint("a").tolist() == [1, 2, 0]
    assert shard.reward("r").tolist() == [0.5, 1.0, 1.5]
    assert shard.reward_values() == {"grid.r": 1.5}
    assert shard.tags == ["odd", "even", "odd"]
    assert np.array_equal(shard.reading_matrix, [[1, 1, np.nan], [2, 2, 2], [3, 3, 3]], equal_nan=True)
    assert shard.setpoint_matrix.tolist() == [[1], [2], [0]]


def test_arrays_are_the_readers_own(memory: Memory) -> None:
    memory.tail(2).reading("place")[:] = 7
    assert memory.tail(1).reading("place").tolist() == [[3, 3]]


def test_one_muscle_can_be_looked_at_alone(memory: Memory) -> None:
    assert memory.tags == {"even", "odd"}
    assert memory.tail(2, include_only=["even"]).reward("r").tolist() == [0.0, 1.0]


def test_an_empty_tail_is_empty() -> None:
    shard = Memory().tail(3)
    assert len(shard) == 0
    assert shard.objective.shape == shard.dones.shape == (0,)
    assert shard.reading("x").shape == (0,)
    assert shard.reading_matrix.size == 0


def test_the_oldest_are_forgotten_beyond_the_limit() -> None:
    memory = Memory(size_limit=2)
    for step in range(4):
        remember(memory, step)
    assert len(memory) == 2
    assert memory.tail(9).reward("r").tolist() == [1.0, 1.5]
    memory.truncate(-1)
    assert memory.tail(9).reward("r").tolist() == [1.5]
    memory.clear()
    assert (len(memory), memory.tags) == (0, set())
    assert memory


def test_what_was_read_next_is_known_within_an_episode() -> None:
    memory = Memory()
    remember(memory, 0)
    remember(memory, 2, done=True)
    remember(memory, 3)
    following = memory.tail(3).next_reading_matrix
    assert following[0].tolist() == [2, 2, 2]
    assert np.isnan(following[1:]).all()
    memory.finish("m", memory.tail(1).rows[0].readings)
    assert memory.tail(1).next_reading_matrix.tolist() == [[3, 3, 3]]


def test_more_is_stored_with_the_newest_row_and_otherwise_with_the_next() -> None:
    memory = Memory()
    memory.append("m", observations=np.array([0.5]))
    remember(memory, 0)
    memory.append("m", actions=np.array([1, 2]), objective=0.25, additional_data={"a": 1})
    memory.append("m", actions=np.array([3, 4]))
    remember(memory, 2)
    shard = memory.tail(2)
    assert np.array_equal(shard.observations, [[0.5], [np.nan]], equal_nan=True)
    assert shard.actions.tolist() == [[1, 2], [3, 4]]
    assert np.array_equal(shard.objective, [0.25, np.nan], equal_nan=True)
    assert shard.additional_data == [{"a": 1}, None]


def test_ends_are_told_apart() -> None:
    memory = Memory()
    remember(memory, 0, done=True)
    remember(memory, 1, truncated=True)
    remember(memory, 2, terminated=True, done=True)
    shard = memory.tail(3)
    assert shard.dones.tolist() == [True, True, True]
    assert shard.terminated.tolist() == [True, False, True]
    assert shard.truncated.tolist() == [False, True, False]


def test_an_objective_may_be_a_vector() -> None:
    memory = Memory()
    remember(memory, 0, objective=[1.0, 2.0])
    remember(memory, 1)
    assert np.array_equal(memory.tail(2).objective, [[1, 2], [np.nan, np.nan]], equal_nan=True)


def test_names_must_be_known_and_clear() -> None:
    memory = Memory()
    rewards = [RewardInformation(1.0, LEVEL, "a.r"), RewardInformation(2.0, LEVEL, "b.r")]
    memory.append("m", rewards=rewards, done=False)
    shard = memory.tail(1)
    assert shard.reward("a.r").tolist() == [1.0]
    for name, reason in (("r", "REWARD_AMBIGUOUS"), ("q", "REWARD_UNKNOWN")):
        with pytest.raises(InvalidArgumentError) as caught:
            shard.reward(name)
        assert caught.value.reason == reason
        assert "a.r" in caught.value.message


def test_a_reward_that_came_later_is_nan_before() -> None:
    memory = Memory()
    remember(memory, 0)
    late = [RewardInformation(1.0, LEVEL, "grid.r"), RewardInformation(2, Discrete(3), "grid.late")]
    memory.append("m", rewards=late, done=False)
    assert np.array_equal(memory.tail(2).reward("late"), [np.nan, 2], equal_nan=True)


def test_data_frames_are_there_for_those_who_want_them(memory: Memory) -> None:
    shard = memory.tail(2)
    assert shard.rewards["grid.r"].tolist() == [1.0, 1.5]
    assert list(shard.sensor_readings.columns) == ["grid.place", "grid.n", "town.name"]
    assert shard.sensor_readings["grid.place"].iloc[-1].tolist() == [3, 3]
    assert shard.actuator_setpoints["grid.a"].tolist() == [2, 0]


def test_pandas_is_imported_only_when_a_data_frame_is_asked_for() -> None:
    program = (
        "import sys\nfrom sparring.agent import Memory, RewardInformation\nfrom sparring.types.space import Discrete\n"
        "memory = Memory()\nmemory.append('m', rewards=[RewardInformation(1, Discrete(3), 'r')], done=True)\n"
        "memory.tail(1).reward('r')\nassert 'pandas' not in sys.modules\n"
        "memory.tail(1).rewards\nassert 'pandas' in sys.modules"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
