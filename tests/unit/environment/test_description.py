"""What an environment offers is found out without keeping anything."""

from collections.abc import Mapping
from typing import Any

import pytest

from sparring.environment import DummyEnvironment, EnvironmentBaseline, SensorInformation
from sparring.environment.description import describe_environment
from sparring.types.declaration import Component
from sparring.types.errors import AuthorError, InvalidArgumentError
from tests.unit.environment.sessions import LEVEL, Tank


def describe(kind: Any, **parameters: Any) -> Any:
    return describe_environment(Component("it", parameters), {"it": kind}.__getitem__, "plant")


def test_an_object_is_made_started_and_shut_down() -> None:
    class Counted(Tank):
        shut = 0

        def shutdown(self, reset: bool = False) -> bool:
            assert not reset
            Counted.shut += 1
            return True

    described = describe(Counted)
    assert [each.uid for each in described.sensors] == ["level"]
    assert [each.uid for each in described.actuators] == ["valve"]
    assert described.rewards == ()
    assert Counted.shut == 1


def test_the_base_class_describes_in_the_same_way() -> None:
    baseline = DummyEnvironment.describe({"max_iter": 3})
    assert len(baseline.sensors_available) == len(baseline.actuators_available) == 10


class Described(Tank):
    @classmethod
    def describe(cls, parameters: Mapping[str, Any]) -> Any:
        if parameters.get("fault"):
            raise RuntimeError("no idea")
        if parameters.get("wrong"):
            return 3
        return EnvironmentBaseline([SensorInformation(None, LEVEL, "plant.height")], [])

    def start_environment(self) -> Any:
        raise AssertionError("it is slow")


def test_an_authors_own_description_is_used() -> None:
    assert [each.uid for each in describe(Described).sensors] == ["height"]


@pytest.mark.parametrize(("parameter", "text"), [("fault", "no idea"), ("wrong", "returned int")])
def test_a_description_that_fails_is_named(parameter: str, text: str) -> None:
    with pytest.raises(AuthorError, match=text):
        describe(Described, **{parameter: True})


def test_wrong_parameters_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="did you mean 'max_iter'"):
        describe(DummyEnvironment, max_itter=3)
    with pytest.raises(AuthorError, match="at least 1, not 0"):
        describe(DummyEnvironment, max_iter=0)
