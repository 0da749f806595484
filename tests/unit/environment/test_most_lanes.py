"""A session has no more lanes than the service states."""

import pytest

from sparring.environment.dummy_environment import DummyEnvironment
from sparring.environment.instance import EnvironmentInstance
from sparring.environment.lane_group import MAX_LANES
from sparring.types.declaration import Component
from sparring.types.errors import InvalidArgumentError
from sparring.types.frames import StartEnvironment


def test_more_lanes_than_stated_are_refused_before_anything_is_made() -> None:
    lanes = MAX_LANES + 1
    instance = EnvironmentInstance(lambda *_: DummyEnvironment)
    instance.send(StartEnvironment(Component("dummy", {}), "dummy", 1, (1,) * lanes, lanes=lanes))
    with pytest.raises(InvalidArgumentError) as caught:
        instance.receive(0)
    assert caught.value.reason == "LANES_INVALID"
    assert "4096 lanes at most" in caught.value.message
