"""DummyEnvironment keeps the numbers that users know, and is reproducible."""

import pytest

from sparring.environment import DummyEnvironment
from sparring.types.frames import Reset, ResetDone
from sparring.types.layout import Layout
from sparring.types.space import Box, Discrete
from tests.unit.environment.sessions import begin, step


@pytest.mark.parametrize("discrete", [True, False])
def test_it_has_ten_sensors_and_ten_actuators_and_ends_after_ten_updates(discrete: bool) -> None:
    session, started = begin(DummyEnvironment, parameters={"discrete": discrete})
    names = [str(number) for number in range(10)]
    assert [each.uid for each in started.sensors] == names
    assert [each.uid for each in started.actuators] == names
    assert [each.uid for each in started.rewards] == ["Dummy Reward"]
    assert {type(each.space) for each in (*started.sensors, *started.actuators)} == {Discrete if discrete else Box}
    updates = [step(session, started) for _ in range(10)]
    assert [each.terminated for each in updates] == [()] * 9 + [(True,)]
    rewards = Layout([each.space for each in started.rewards])
    assert [rewards.unpack(each.rewards)[0] for each in updates] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]


@pytest.mark.parametrize("discrete", [True, False])
def test_it_behaves_as_newly_made_after_a_reset(discrete: bool) -> None:
    parameters = {"discrete": discrete, "max_iter": 3}
    session, started = begin(DummyEnvironment, 1, parameters=parameters)
    step(session, started)
    session.send(Reset((2,)))
    done = session.receive(1)
    assert isinstance(done, ResetDone)
    fresh, fresh_started = begin(DummyEnvironment, 2, parameters=parameters)
    assert done == fresh_started.first
    assert done != started.first
    for _ in range(3):
        assert step(session, started) == step(fresh, fresh_started)
