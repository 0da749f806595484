"""Whether the parts of an agent can be made is known before anything runs."""

from typing import Any

import pytest

from sparring.agent.description import describe_brain, describe_muscle
from sparring.types.declaration import Component
from sparring.types.errors import InvalidArgumentError, NotFoundError, SparringError
from tests.support.classes import resolve

OBJECTIVE = Component("sparring.agent:DummyObjective", {})


def part(name: str, **parameters: Any) -> Component:
    return Component(f"sparring.agent:{name}", parameters)


def test_a_brain_says_whether_it_learns() -> None:
    assert describe_brain(part("DummyBrain"), OBJECTIVE, [part("NormFilter")], resolve) is False
    assert describe_brain(Component("tests.unit.agent.brains:Averager", {}), OBJECTIVE, [], resolve) is True


def test_a_muscle_can_be_made() -> None:
    describe_muscle(part("DummyMuscle", count_upwards=True), [part("MergeStepsFilter", steps=2)], resolve, "mover")


@pytest.mark.parametrize(
    ("muscle", "filters", "kind", "reason"),
    [
        (part("DummyMuscle", count=1), [], InvalidArgumentError, "PARAMETERS_INVALID"),
        (part("ScriptedMuscle"), [], InvalidArgumentError, "PARAMETERS_INVALID"),
        (part("DummyBrain"), [], InvalidArgumentError, "CLASS_UNSUITABLE"),
        (part("Muscle"), [], InvalidArgumentError, "CLASS_UNSUITABLE"),
        (part("DummyMuscle"), [part("DummyMuscle")], InvalidArgumentError, "CLASS_UNSUITABLE"),
        (part("Nobody"), [], NotFoundError, "COMPONENT_UNKNOWN"),
    ],
)
def test_a_muscle_that_cannot_be_made_is_refused(
    muscle: Component, filters: list[Component], kind: type[SparringError], reason: str
) -> None:
    with pytest.raises(kind) as caught:
        describe_muscle(muscle, filters, resolve, "mover")
    assert caught.value.reason == reason
