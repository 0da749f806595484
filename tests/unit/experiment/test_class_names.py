"""palaestrAI's built-in classes are known by package and class; slips in them are told without importing."""

import pytest

from sparring.experiment.class_names import canonical, suggest


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("palaestrai.environment:DummyEnvironment", "sparring.environment:DummyEnvironment"),
        ("palaestrai.environment.dummy_environment:DummyEnvironment", "sparring.environment:DummyEnvironment"),
        ("palaestrai.agent.dummy_brain:DummyBrain", "sparring.agent:DummyBrain"),
        ("palaestrai.agent.dummy_muscle:DummyMuscle", "sparring.agent:DummyMuscle"),
        ("palaestrai.agent:DummyObjective", "sparring.agent:DummyObjective"),
        ("palaestrai.agent:AggregateRewardsObjective", "sparring.agent:AggregateRewardsObjective"),
        ("palaestrai.agent.filters.norm:NormFilter", "sparring.agent:NormFilter"),
        ("palaestrai.simulation:Vanilla", "sparring.simulation:VanillaSimulationController"),
        ("palaestrai.simulation:VanillaSimController", "sparring.simulation:VanillaSimulationController"),
        ("palaestrai.simulation:VanillaSimulationController", "sparring.simulation:VanillaSimulationController"),
        ("palaestrai.simulation:TakingTurns", "sparring.simulation:TakingTurnsSimulationController"),
        ("sparring.simulation:TakingTurns", "sparring.simulation:TakingTurnsSimulationController"),
        (
            "palaestrai.simulation:VanillaSimControllerTerminationCondition",
            "sparring.experiment:EnvironmentTerminationCondition",
        ),
        (
            "palaestrai.experiment:MaxEpisodesTerminationCondition",
            "sparring.experiment:MaxEpisodesTerminationCondition",
        ),
        ("palaestrai_environments.gym:GymEnvironment", "sparring.bridges.gymnasium:GymnasiumEnvironment"),
        ("harl:PPOBrain", "harl:PPOBrain"),
        ("palaestrai_mosaik:MosaikEnvironment", "palaestrai_mosaik:MosaikEnvironment"),
        ("my.own:DummyEnvironment", "my.own:DummyEnvironment"),
    ],
)
def test_a_built_in_class_has_one_name(theirs: str, ours: str) -> None:
    assert canonical(theirs) == ours
    assert canonical(ours) == ours
    assert suggest(theirs) == (False, "")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("palaestrai.agent:DummyBrian", "sparring.agent:DummyBrain"),
        ("palaestrai.simulation:Vanila", "sparring.simulation:VanillaSimulationController"),
        ("sparring.simulation:TakeTurnsSimulationController", "sparring.simulation:TakingTurnsSimulationController"),
        ("sparring.simulation:Nonsense", ""),
        ("palaestrai.experiment:Nope", ""),
    ],
)
def test_a_class_that_certainly_does_not_exist_is_told(name: str, near: str) -> None:
    assert suggest(name) == (True, near)


def test_a_class_that_only_an_import_can_tell_is_left_alone() -> None:
    for name in ("sparring.agent:Mine", "palaestrai.agent:SomethingElse", "a:B"):
        assert suggest(name) == (False, "")
