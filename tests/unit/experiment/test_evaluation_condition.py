"""The condition that ends a phase by its evaluations."""

from typing import Any

import pytest

from sparring.experiment import AgentEvaluationObjectiveTerminationCondition, EvaluationResult, PhaseProgress
from sparring.types.flow import SimulationFlowControl as Flow
from sparring.types.mode import Mode

SUCCESS = {"metric": "win", "threshold": 0.9, "direction": "greater_equal", "consecutive": 2, "min_evaluations": 3}
PLATEAU = {"metric": "win", "direction": "maximize", "min_delta": 0.1, "patience": 2, "min_evaluations": 1, "window": 1}


def verdict_of(agents: dict[str, Any], **wins: list[float]) -> tuple[Flow, str]:
    count = max(map(len, wins.values()))
    evaluations = [
        EvaluationResult(number, {agent: {"win": values[number]} for agent, values in wins.items()})
        for number in range(count)
    ]
    progress = PhaseProgress(Mode.TRAIN, 1, None, (10 * count,), evaluations=evaluations)
    verdict = AgentEvaluationObjectiveTerminationCondition(agents).phase_flow_control(progress, 0)
    return verdict.flow, verdict.reason


STOP = (Flow.STOP_PHASE, "success")
FLAT = (Flow.STOP_PHASE, "plateau")
GO = (Flow.CONTINUE, "")


@pytest.mark.parametrize(
    ("wins", "expected"),
    [([1.0, 1.0], GO), ([0.0, 1.0, 0.9], STOP), ([1.0, 1.0, 0.8], GO), ([1.0, 0.8, 1.0], GO), ([0.8, 0.9, 0.9], STOP)],
)
def test_success_needs_enough_evaluations_in_a_row(wins: list[float], expected: tuple[Flow, str]) -> None:
    assert verdict_of({"a": {"success": SUCCESS}}, a=wins) == expected


def test_less_may_be_better() -> None:
    low = {**SUCCESS, "direction": "less_equal", "threshold": 0.1}
    assert verdict_of({"a": {"success": low}}, a=[0.5, 0.1, 0.0]) == STOP
    assert verdict_of({"a": {"success": low}}, a=[0.5, 0.1, 0.2]) == GO


@pytest.mark.parametrize(
    ("wins", "expected"),
    [([0.5], GO), ([0.5, 0.55], GO), ([0.5, 0.55, 0.6], FLAT), ([0.5, 0.7, 0.7], GO), ([0.5, 0.7, 0.7, 0.1], FLAT)],
)
def test_a_plateau_is_no_progress_for_a_while(wins: list[float], expected: tuple[Flow, str]) -> None:
    assert verdict_of({"a": {"plateau": PLATEAU}}, a=wins) == expected


def test_a_plateau_looks_at_the_moving_mean_and_at_the_direction() -> None:
    smooth = {**PLATEAU, "window": 2}
    assert verdict_of({"a": {"plateau": smooth}}, a=[0.0, 1.0, 0.0, 1.0]) == FLAT
    assert verdict_of({"a": {"plateau": {**PLATEAU, "direction": "minimize"}}}, a=[0.9, 0.7, 0.5]) == GO


def test_all_agents_have_to_be_there() -> None:
    both = {"a": {"success": SUCCESS}, "b": {"success": SUCCESS}}
    assert verdict_of(both, a=[1.0, 1.0, 1.0], b=[1.0, 1.0, 0.0]) == GO
    assert verdict_of(both, a=[1.0, 1.0, 1.0], b=[1.0, 1.0, 1.0]) == STOP
    mixed = {"a": {"success": SUCCESS}, "b": {"plateau": PLATEAU}}
    assert verdict_of(mixed, a=[1.0, 1.0, 1.0], b=[1.0, 1.0, 1.0]) == GO


@pytest.mark.parametrize(
    ("params", "path", "says"),
    [
        ({}, (), "expected a mapping by agent below the key 'agents'"),
        ({"agent": {}}, ("agent",), "unknown key 'agent'; did you mean 'agents'?"),
        ({"agents": {"a": {}}}, ("agents", "a"), "expected a mapping with success, plateau or both"),
        ({"agents": {"a": {"sucess": SUCCESS}}}, ("agents", "a", "sucess"), "did you mean 'success'?"),
        ({"agents": {"a": {"success": 5}}}, ("agents", "a", "success"), "expected a mapping with consecutive"),
        (
            {"agents": {"a": {"success": {**SUCCESS, "direction": "up"}}}},
            ("agents", "a", "success", "direction"),
            "expected greater_equal or less_equal, found the text 'up'",
        ),
        (
            {"agents": {"a": {"plateau": {**PLATEAU, "patience": 0}}}},
            ("agents", "a", "plateau", "patience"),
            "expected a whole number of at least 1, found the number 0",
        ),
        (
            {"agents": {"a": {"plateau": {**PLATEAU, "min_delta": "x"}}}},
            ("agents", "a", "plateau", "min_delta"),
            "expected a number",
        ),
        (
            {"agents": {"a": {"plateau": {**PLATEAU, "metric": 1}}}},
            ("agents", "a", "plateau", "metric"),
            "name of a metric",
        ),
    ],
)
def test_parameters_are_checked(params: dict[str, Any], path: tuple[str, ...], says: str) -> None:
    found = list(AgentEvaluationObjectiveTerminationCondition.check_params(params))
    assert found[0].path == path or found[-1].path == path
    assert any(says in each.message for each in found)


def test_a_missing_key_is_named() -> None:
    without = {key: value for key, value in SUCCESS.items() if key != "metric"}
    [found] = AgentEvaluationObjectiveTerminationCondition.check_params({"agents": {"a": {"success": without}}})
    assert (found.path, found.message) == (("agents", "a", "success"), "the key 'metric' is missing")
