"""Falsified values: biases within their spaces, frozen and lost fields, with several lanes as well."""

from __future__ import annotations

import numpy as np
import pytest

from sparring.simulation.faults.falsified import Falsified
from sparring.types.declaration import Declaration
from sparring.types.errors import FailedPreconditionError
from sparring.types.faults import Fault, FaultKind
from sparring.types.layout import Layout
from sparring.types.space import Box, Discrete, Text

FIELDS = (
    Declaration("flow", Box(-1.0, 1.0, (2,), np.float32)),
    Declaration("level", Box(0, 10, (), np.int64)),
    Declaration("note", Text(5)),
    Declaration("mode", Discrete(3)),
)


def made(kind: FaultKind, field: str, value: float = 0.0, lanes: int = 1) -> tuple[Falsified, Fault]:
    fault = Fault("f", kind, f"world.{field}", value=value)
    return Falsified("world", FIELDS, lanes, [fault]), fault


def test_biases_stay_within_spaces_and_leave_others_and_the_absent_alone() -> None:
    layout = Layout([field.space for field in FIELDS])
    values = layout.pack([np.array([0.5, -0.25], np.float32), 9, "ok", 2])
    falsified, fault = made(FaultKind.SENSOR_BIAS, "flow", 0.75)
    flow, level, note, mode = layout.unpack(falsified.biased(values, [fault]))
    assert (np.asarray(flow).tolist(), level, note, mode) == ([1.0, 0.5], 9, "ok", 2)
    falsified, fault = made(FaultKind.SENSOR_BIAS, "level", 2.4)
    assert int(layout.unpack(falsified.biased(values, [fault]))[1]) == 10  # type: ignore[call-overload]
    absent = layout.pack([None, None, "ok", 2])
    assert falsified.biased(absent, [fault]) == absent


def test_of_several_lanes_only_the_present_ones_are_biased() -> None:
    layout = Layout([field.space for field in FIELDS], 2)
    values = layout.pack([[np.zeros(2, np.float32)] * 2, [3, None], ["a", "b"], [0, 1]])
    falsified, fault = made(FaultKind.SENSOR_BIAS, "level", 1, lanes=2)
    after = falsified.biased(values, [fault])
    assert layout.accept(after) == after
    assert layout.unpack(after)[1] == [4, None]


def test_frozen_and_lost_fields_keep_texts_and_presence_right() -> None:
    layout = Layout([field.space for field in FIELDS])
    before = layout.pack([np.zeros(2, np.float32), 1, "old", None])
    now = layout.pack([np.ones(2, np.float32), 2, "new", 1])
    falsified, fault = made(FaultKind.SENSOR_FREEZE, "note")
    assert layout.unpack(falsified.frozen(now, before, [fault]))[1:] == [2, "old", 1]
    falsified, fault = made(FaultKind.SENSOR_FREEZE, "mode")
    assert layout.unpack(falsified.frozen(now, before, [fault]))[1:] == [2, "new", None]
    falsified, fault = made(FaultKind.ACTUATOR_LOST, "note")
    lost = falsified.lost(now, [fault])
    assert layout.accept(lost) == lost
    assert layout.unpack(lost)[1:] == [2, None, 1]


@pytest.mark.parametrize("field", ["note", "mode"])
def test_only_boxes_are_biased(field: str) -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        made(FaultKind.SENSOR_BIAS, field, 1.0)
    assert caught.value.reason == "FAULT_IMPOSSIBLE"
