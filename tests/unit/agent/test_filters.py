"""Filters between agents and the rest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sparring.agent import (
    AbsoluteDeviationFilter,
    ActionTimeShiftFilter,
    ArrayMuscle,
    DeltaActionFilter,
    DeltaObsFilter,
    DeltaStepFilter,
    Filter,
    MergeStepsFilter,
    Muscle,
    NormFilter,
    QuadraticPenaltyFilter,
    RandomMuscle,
)
from sparring.agent.filters.running_moments import RunningMoments
from sparring.types.errors import AuthorError
from sparring.types.frames import Act, ResetMuscle
from sparring.types.free_value import from_free_value
from sparring.types.layout import Layout
from sparring.types.space import Box, Discrete
from tests.unit.agent.sessions import act, begin, declare

VOLTS = Box(0.5, 1.25, (2,), np.float32)
SENSORS = declare(u=VOLTS, n=Discrete(5, start=-1))
ACTUATORS = declare(p=Box(-2.0, 6.0, (), np.float64), q=Discrete(4))


class Echo(Muscle):
    """Tells its brain what it sees, and does what it was told to."""

    def __init__(self, plan: list[Any] | None = None) -> None:
        super().__init__()
        self.plan = plan or [None]

    def reset(self) -> None:
        self.remaining = list(self.plan)

    def propose_actions(self, sensors: Any, actuators_available: Any) -> Any:
        seen = {sensor.uid: np.asarray(sensor.value, float).tolist() for sensor in sensors}
        assert all(Layout([sensor.space]).pack([sensor.value]) is not None for sensor in sensors)
        inside = [layout.check(layout.pack([s.value])) is None for s in sensors if (layout := Layout([s.space]))]
        declared = [sensor.uid for sensor in self.sensors]
        step = self.remaining.pop(0) if self.remaining else None
        return [] if step is None else step, {"seen": seen, "inside": all(inside), "declared": declared}


def watched(filters: Any, *steps: Any, plan: Any = None, sensors: Any = SENSORS) -> list[tuple[Any, Any]]:
    """Return setpoints and what the muscle saw, step by step."""
    session = begin(Echo, sensors, ACTUATORS, filters, parameters={"plan": plan})
    found = []
    for step in steps:
        setpoints, acted = act(session, sensors, ACTUATORS, *step)
        assert acted.data is not None
        said = from_free_value(acted.data)
        assert said["inside"]
        found.append((setpoints, said))
    return found


def sees(*given: Any, **more: Any) -> list[Any]:
    return [said["seen"] for _, said in watched(*given, **more)]


def test_deviations_from_one_are_shown() -> None:
    step = ([0.5, 1.25], 3)
    assert sees([(AbsoluteDeviationFilter, {})], step) == [{"w.u": [0.5, 0.25], "w.n": 2}]
    assert sees([(QuadraticPenaltyFilter, {})], step) == [{"w.u": [0.25, 0.0625], "w.n": 4}]


def test_the_past_is_shown_and_forgotten_with_the_episode() -> None:
    filters = [(MergeStepsFilter, {"steps": 3})]
    session = begin(Echo, SENSORS[1:], ACTUATORS, filters)
    found = []
    for step in (1, 2, 3):
        acted = act(session, SENSORS[1:], ACTUATORS, step)[1]
        assert acted.data is not None
        found.append(from_free_value(acted.data))
    assert [each["seen"]["w.n"] for each in found] == [1, 2, 3]
    assert [each["seen"]["LAST-1-w.n"] for each in found] == [1, 1, 2]
    assert [each["seen"]["LAST-2-w.n"] for each in found] == [1, 1, 1]
    assert found[0]["declared"] == ["w.n", "LAST-1-w.n", "LAST-2-w.n"]
    session.send(ResetMuscle((12,)))
    session.receive(1)
    acted = act(session, SENSORS[1:], ACTUATORS, 0)[1]
    assert acted.data is not None
    assert from_free_value(acted.data)["seen"] == {"w.n": 0, "LAST-1-w.n": 0, "LAST-2-w.n": 0}


@pytest.mark.parametrize(
    ("parameters", "keys"),
    [
        ({}, {"DELTA-w.u", "DELTA-w.n"}),
        ({"replace": False}, {"w.u", "w.n", "DELTA-w.u", "DELTA-w.n"}),
        ({"delta_sensor_uids": ["w.n"]}, {"DELTA-w.n"}),
    ],
)
def test_changes_are_shown(parameters: dict[str, Any], keys: set[str]) -> None:
    found = sees([(DeltaObsFilter, parameters)], ([0.5, 1.0], 3), ([1.0, 1.0], -1))
    assert [set(each) for each in found] == [keys, keys]
    assert [each["DELTA-w.n"] for each in found] == [0, -4]
    if "DELTA-w.u" in keys:
        assert found[1]["DELTA-w.u"] == [0.5, 0.0]


def test_own_setpoints_are_shown_after_a_while() -> None:
    plan = [[2.5, 3], [None, 1], [1.0, None]]
    steps = [([1, 1], 0)] * 4
    found = sees([(ActionTimeShiftFilter, {"steps": 2})], *steps, plan=plan)
    assert [each["LAST-0-w.p"] for each in found] == [0, 0, 2.5, 0]
    assert [each["LAST-1-w.p"] for each in found] == [0, 2.5, 0, 1.0]
    assert [each["LAST-1-w.q"] for each in found] == [0, 3, 1, 0]


def test_changes_are_added_up_and_clipped() -> None:
    plan = [[2.5, 3], [None, 3], [6.0, None], [-2.0, 1]]
    found = watched([(DeltaActionFilter, {})], *[([1, 1], 0)] * 4, plan=plan)
    assert [setpoints for setpoints, _ in found] == [[2.5, 3], [None, 3], [6.0, None], [4.0, 3]]


def test_steps_move_boxes_by_parts_of_their_range() -> None:
    plan = [[0.5, 3], [0.5, None], [-1.0, 1]]
    found = watched([(DeltaStepFilter, {})], *[([1, 1], 0)] * 3, plan=plan)
    assert [setpoints for setpoints, _ in found] == [[4.0, 3], [6.0, None], [-2.0, 1]]


class Tag(Filter):
    """Writes its name on everything that passes."""

    def __init__(self, name: str, fault: str = "") -> None:
        self.name = name
        self.fault = fault

    def muscle_pre_process(self, sensors: Any, actuators_available: Any) -> Any:
        if self.fault == "pre" and self.muscle is not None:
            raise RuntimeError("no way in")
        for sensor in sensors:
            sensor.uid = f"{sensor.uid}.{self.name}"
        return sensors, actuators_available

    def muscle_post_process(self, setpoints: Any, data_for_brain: Any) -> Any:
        return setpoints, {"by": [*data_for_brain.get("by", []), self.name], "seen": data_for_brain["seen"]}


def test_filters_are_stacked_forwards_on_the_way_in_and_backwards_on_the_way_out() -> None:
    session = begin(Echo, SENSORS[1:], ACTUATORS, [(Tag, {"name": name}) for name in "ABC"])
    acted = act(session, SENSORS[1:], ACTUATORS, 1)[1]
    assert acted.data is not None
    assert from_free_value(acted.data) == {"by": ["C", "B", "A"], "seen": {"w.n.A.B.C": 1}}


def test_a_filter_that_raises_is_named() -> None:
    with pytest.raises(AuthorError, match="setup of a filter: RuntimeError: no way in"):
        begin(Echo, SENSORS, ACTUATORS, [(Tag, {"name": "A", "fault": "pre"})])


class Sum(ArrayMuscle):
    """Its filter-free self would not be asked through objects."""

    def act(self, readings: Sequence[Any]) -> tuple[list[Any], Any]:
        return [None, 1], [None if each is None else float(np.sum(each)) for each in readings]


def test_array_muscles_work_behind_filters() -> None:
    session = begin(Sum, SENSORS, ACTUATORS, [(DeltaObsFilter, {"replace": False})])
    for readings, said in ((([1, 1], 2), [2.0, 2.0, 0.0, 0.0]), (([0.5, 1], None), [1.5, None, -0.5, None])):
        setpoints, acted = act(session, SENSORS, ACTUATORS, *readings)
        assert acted.data is not None
        assert (setpoints, from_free_value(acted.data)) == ([None, 1], said)


@pytest.mark.parametrize("kind", [DeltaStepFilter, DeltaActionFilter, ActionTimeShiftFilter, MergeStepsFilter])
def test_a_reset_behind_a_filter_equals_a_fresh_start(kind: Any) -> None:
    actuators = declare(p=Box(-2.0, 6.0, (3,), np.float32), q=Discrete(4))
    readings = Layout([each.space for each in SENSORS]).pack([[1, 1], 0])

    def play(session: Any) -> list[Any]:
        answers = []
        for _ in range(4):
            session.send(Act(readings))
            answers.append(session.receive(1))
        return answers

    session = begin(RandomMuscle, SENSORS, actuators, [(kind, {})], seed=1)
    play(session)
    session.send(ResetMuscle((2,)))
    session.receive(1)
    assert play(session) == play(begin(RandomMuscle, SENSORS, actuators, [(kind, {})], seed=2))


def test_means_and_variances_come_out_however_rows_are_cut() -> None:
    rows = np.random.default_rng(1).normal(3, 2, (50, 4))
    rows[::7, 2] = np.nan
    whole, cut = RunningMoments(), RunningMoments()
    whole.take(rows)
    for part in np.array_split(rows, 7):
        cut.take(part)
    assert np.allclose(whole.mean, np.nanmean(rows, axis=0))
    assert np.allclose(whole.variance, np.nanvar(rows, axis=0))
    assert np.allclose(cut.mean, whole.mean)
    assert np.allclose(cut.variance, whole.variance)
    assert np.allclose(np.nanstd(whole.normalise(rows, 0.0), axis=0), 1)


def test_the_norm_travels_inside_the_policy() -> None:
    moments = RunningMoments()
    moments.take(np.array([[1.0, 1.0, 0.0], [0.5, 1.0, 4.0]]))
    beside_brain, beside_muscle = NormFilter(), NormFilter()
    beside_brain._readings = moments
    assert beside_brain.brain_post_process(None) is None
    assert beside_muscle.muscle_update(beside_brain.brain_post_process([1])) == [1]
    session = begin(Echo, SENSORS, ACTUATORS, [(NormFilter, {"clip_obs": 1.5})])
    acted = act(session, SENSORS, ACTUATORS, [1.0, 0.5], 2)[1]
    assert acted.data is not None
    told = from_free_value(acted.data)
    assert told["data"]["seen"] == {"w.u": [1.0, 0.5], "w.n": 1.5}
    assert told["seen"].tolist() == [1.0, 0.5, 2.0]
