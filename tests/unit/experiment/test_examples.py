"""The examples are good documents, of the shape that they promise."""

from pathlib import Path

import pytest

from sparring.experiment import DescribedEnvironment, ExperimentRun, check_assignments, check_document, load_document
from sparring.types.mode import Mode

EXAMPLES = Path(__file__).parents[3] / "examples"
TEN = tuple(str(number) for number in range(10))


def run_of(name: str) -> ExperimentRun:
    return load_document(EXAMPLES / name).expand()


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.yml")))
def test_an_example_has_no_problems(name: str) -> None:
    assert check_document(EXAMPLES / name) == ()


@pytest.mark.parametrize("name", ["dummy.yml", "two-agents.yml", "taking-turns.yml"])
def test_an_example_names_only_sensors_and_actuators_of_the_dummy_environment(name: str) -> None:
    for phase in run_of(name).phases:
        described = {each.uid: DescribedEnvironment(TEN, TEN) for each in phase.environments}
        assert check_assignments(phase, described) == ()
        assert {each.source.name for each in phase.environments} == {"sparring.environment:DummyEnvironment"}


def test_dummy_is_one_of_everything() -> None:
    [phase] = run_of("dummy.yml").phases
    assert (len(phase.environments), len(phase.agents), phase.workers) == (1, 1, 1)
    assert phase.episodes is not None
    assert phase.episodes > 1


def test_two_agents_see_and_move_different_things_in_two_environments_and_two_phases() -> None:
    run = run_of("two-agents.yml")
    assert [(each.mode, each.workers, len(each.environments)) for each in run.phases] == [
        (Mode.TRAIN, 2, 2),
        (Mode.TEST, 2, 2),
    ]
    first, second = run.phases[0].agents
    assert not set(first.sensors) & set(second.sensors)
    assert not set(first.actuators) & set(second.actuators)
    assert len(first.sensors) != len(second.sensors)


def test_taking_turns_shares_actuators() -> None:
    [phase] = run_of("taking-turns.yml").phases
    assert phase.controller == "sparring.simulation:TakingTurnsSimulationController"
    assert phase.agents[0].actuators == phase.agents[1].actuators
