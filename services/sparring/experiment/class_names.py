"""Names of classes: palaestrAI's built-in ones and ours, in one table."""

from __future__ import annotations

import re

from sparring.experiment.problems import closest

VANILLA = "sparring.simulation:VanillaSimulationController"
TAKING_TURNS = "sparring.simulation:TakingTurnsSimulationController"
ENVIRONMENT_ENDS = "sparring.experiment:EnvironmentTerminationCondition"
MAX_EPISODES = "sparring.experiment:MaxEpisodesTerminationCondition"
VANILLA_RUN_GOVERNOR = "sparring.experiment:VanillaRunGovernorTerminationCondition"
AGENT_OBJECTIVE = "sparring.experiment:AgentObjectiveTerminationCondition"
AGENT_EVALUATION = "sparring.experiment:AgentEvaluationObjectiveTerminationCondition"
DUMMY_OBJECTIVE = "sparring.agent:DummyObjective"

CONTROLLERS = {
    "Vanilla": VANILLA,
    "VanillaSimController": VANILLA,
    "VanillaSimulationController": VANILLA,
    "TakingTurns": TAKING_TURNS,
    "TakingTurnsSimulationController": TAKING_TURNS,
}
CONDITIONS = {
    "EnvironmentTerminationCondition": ENVIRONMENT_ENDS,
    "MaxEpisodesTerminationCondition": MAX_EPISODES,
    "VanillaRunGovernorTerminationCondition": VANILLA_RUN_GOVERNOR,
    "AgentObjectiveTerminationCondition": AGENT_OBJECTIVE,
    "AgentEvaluationObjectiveTerminationCondition": AGENT_EVALUATION,
}
_ENVIRONMENTS = {"DummyEnvironment": "sparring.environment:DummyEnvironment"}
_AGENTS = {
    name: f"sparring.agent:{name}"
    for name in (
        "DummyBrain",
        "DummyMuscle",
        "DummyObjective",
        "AggregateRewardsObjective",
        "NormFilter",
        "MergeStepsFilter",
        "DeltaObsFilter",
        "DeltaStepFilter",
        "DeltaActionFilter",
        "ActionTimeShiftFilter",
        "AbsoluteDeviationFilter",
        "QuadraticPenaltyFilter",
    )
}
_PALAESTRAI = {
    "palaestrai.environment": _ENVIRONMENTS,
    "palaestrai.agent": _AGENTS,
    "palaestrai.simulation": CONTROLLERS | {"VanillaSimControllerTerminationCondition": ENVIRONMENT_ENDS},
    "palaestrai.experiment": CONDITIONS,
    "palaestrai_environments": {"GymEnvironment": "sparring.bridges.gymnasium:GymnasiumEnvironment"},
}
# Packages of ours whose classes for documents are all in a table: another name in them is a slip of the pen.
_OURS = {"sparring.simulation": CONTROLLERS, "sparring.experiment": CONDITIONS}
_CLOSED = {"palaestrai.simulation", "palaestrai.experiment", *_OURS}
_SURE = 0.8
_SUFFIX = re.compile(r"(Sim(ulation)?Controller|TerminationCondition)\Z")


def canonical(name: str) -> str:
    """Return our name of a class: `palaestrai.agent.dummy_brain:DummyBrain` is `sparring.agent:DummyBrain`.

    A built-in class of palaestrAI is known by its package and class, whatever module of the package it is imported
    from. Names of other classes are returned as they are.
    """
    _, table, class_name = _look_up(name)
    return table.get(class_name, name)


def palaestrai_names() -> list[tuple[str, str]]:
    """Return palaestrAI's built-in classes with ours, for the reference page."""
    return [(f"{package}:{name}", ours) for package, table in _PALAESTRAI.items() for name, ours in table.items()]


def suggest(name: str) -> tuple[bool, str]:
    """Say whether a class certainly does not exist, and which one is meant by it.

    Returns:
        (True, nearest or "") for a class that the tables would have, (False, "") for one that only an import can tell.
    """
    package, table, class_name = _look_up(name)
    if not table or class_name in table:
        return False, ""
    if package in _CLOSED:
        stems = {_SUFFIX.sub("", known): ours for known, ours in table.items()}
        near = closest(_SUFFIX.sub("", class_name), stems)
        return True, stems[near] if near else ""
    near = closest(class_name, table, _SURE)
    return (True, table[near]) if near else (False, "")


def _look_up(name: str) -> tuple[str, dict[str, str], str]:
    """Return the package, its table of classes (empty for packages of others) and the class's own name."""
    module, _, class_name = name.partition(":")
    for package, table in (_PALAESTRAI | _OURS).items():
        if module == package or module.startswith(f"{package}."):
            return package, table, class_name
    return "", {}, class_name
