"""What environments say of themselves is compared with what agents are given, at the agents' lines."""

import pytest

from sparring.experiment import (
    DescribedEnvironment,
    ExperimentRun,
    Role,
    check_assignments,
    classes_of,
    load_document,
    modules_of,
)
from tests.unit.experiment.documents import GOOD, PALAESTRAI, changed, line_of

TEN = tuple(str(number) for number in range(10))
DUMMY = DescribedEnvironment(TEN, TEN)


def run_of(text: str) -> ExperimentRun:
    return load_document(text, name="run.yml").expand(seed=0)


@pytest.mark.parametrize("names", [TEN, tuple(f"arena.{name}" for name in TEN)])
def test_sensors_and_actuators_that_exist_are_fine(names: tuple[str, ...]) -> None:
    for phase in run_of(GOOD).phases:
        assert check_assignments(phase, {"arena": DescribedEnvironment(names, names)}) == ()


def test_a_sensor_that_no_environment_has_is_told_at_its_line() -> None:
    text = changed("[arena.0, arena.2]", "[arena.0, arena.22]")
    [found] = check_assignments(run_of(text).phases[0], {"arena": DUMMY})
    assert (found.line, found.path) == (line_of("arena.22", text), "schedule[0].train.agents[1].sensors[1]")
    assert found.message.startswith(
        "environment 'arena' has no sensor 'arena.22'; did you mean 'arena.2'?; it has arena.0,"
    )


def test_sensors_and_actuators_are_told_apart_and_long_lists_are_cut() -> None:
    many = DescribedEnvironment(tuple(f"bus-{number}" for number in range(30)), ())
    found = check_assignments(run_of(GOOD).phases[0], {"arena": many})
    assert [each.path.rpartition(".")[2] for each in found] == [
        "sensors[0]",
        "sensors[1]",
        "actuators[0]",
        "sensors[0]",
        "sensors[1]",
        "actuators[0]",
    ]
    assert "arena.bus-11 and 18 more" in found[0].message
    assert found[2].message == "environment 'arena' has no actuator 'arena.0'; it has no actuators at all"


def test_the_same_mistake_in_an_inheriting_phase_points_at_the_same_line() -> None:
    text = changed("[arena.0, arena.2]", "[arena.0, arena.22]")
    run = run_of(text)
    [train], [test] = (check_assignments(phase, {"arena": DUMMY}) for phase in run.phases)
    assert train.line == test.line
    assert test.path == "schedule[1].test.agents[1].sensors[1]"


def test_refused_parameters_are_told_at_the_parameters() -> None:
    text = changed("max_iter: 10", "max_itter: 10")
    said = "DummyEnvironment.__init__() got an unexpected\n keyword argument 'max_itter'"
    [found] = check_assignments(run_of(text).phases[0], {"arena": said})
    assert (found.line, found.path) == (9, "schedule[0].train.environments[0].environment.params")
    assert found.message == "DummyEnvironment.__init__() got an unexpected keyword argument 'max_itter'"


def test_refused_without_parameters_is_told_at_the_name() -> None:
    text = changed("            params: {discrete: true, max_iter: 10}\n", "")
    [found] = check_assignments(run_of(text).phases[0], {"arena": "missing argument"})
    assert (found.line, found.path) == (7, "schedule[0].train.environments[0].environment.name")


def test_an_environment_that_was_not_asked_is_not_judged() -> None:
    assert check_assignments(run_of(GOOD).phases[0], {}) == ()


def test_a_brain_that_refuses_its_parameters_is_told_at_them() -> None:
    run = run_of(GOOD)
    brain = next(use for use in classes_of(run) if use.role is Role.BRAIN)
    [found] = check_assignments(run.phases[0], {"arena": DUMMY}, {brain.path: "no such parameter"})
    assert (found.line, found.path) == (12, "schedule[0].train.agents[0].brain.params")
    assert brain.refused("no such parameter") == found
    assert brain.unknown("there is none").path == "schedule[0].train.agents[0].brain.name"


def test_the_classes_of_a_run_are_known_by_role_and_place() -> None:
    uses = [(use.role, use.name, use.phase) for use in classes_of(run_of(PALAESTRAI))]
    in_training = [
        (Role.ENVIRONMENT, "sparring.bridges.gymnasium:GymnasiumEnvironment", 0),
        (Role.BRAIN, "harl:PPOBrain", 0),
        (Role.MUSCLE, "harl:PPOMuscle", 0),
        (Role.OBJECTIVE, "sparring.agent:AggregateRewardsObjective", 0),
        (Role.FILTER, "sparring.agent:NormFilter", 0),
        (Role.CONTROLLER, "sparring.simulation:VanillaSimulationController", 0),
        (Role.CONDITION, "sparring.experiment:EnvironmentTerminationCondition", 0),
    ]
    in_testing = [(role, name, 1) for role, name, _ in in_training]
    of_the_run = (Role.CONDITION, "sparring.experiment:VanillaRunGovernorTerminationCondition", None)
    assert uses == [*in_training, *in_testing, of_the_run]
    assert modules_of(run_of(PALAESTRAI)) == {
        "harl",
        "sparring.agent",
        "sparring.bridges.gymnasium",
        "sparring.experiment",
        "sparring.simulation",
    }


def test_what_is_foreign_needs_no_class() -> None:
    text = changed("name: sparring.environment:DummyEnvironment", "service: environment/dummy")
    assert Role.ENVIRONMENT not in {use.role for use in classes_of(run_of(text))}
