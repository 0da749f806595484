"""The built-in termination conditions by their names in documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparring.experiment.class_names import (
    AGENT_EVALUATION,
    AGENT_OBJECTIVE,
    ENVIRONMENT_ENDS,
    MAX_EPISODES,
    VANILLA_RUN_GOVERNOR,
    canonical,
)
from sparring.experiment.conditions.base import TerminationCondition
from sparring.experiment.conditions.episodes import (
    EnvironmentTerminationCondition,
    MaxEpisodesTerminationCondition,
    VanillaRunGovernorTerminationCondition,
)
from sparring.experiment.conditions.evaluation import AgentEvaluationObjectiveTerminationCondition
from sparring.experiment.conditions.objective import AgentObjectiveTerminationCondition

BUILTIN_CONDITIONS: Mapping[str, type[TerminationCondition]] = {
    ENVIRONMENT_ENDS: EnvironmentTerminationCondition,
    MAX_EPISODES: MaxEpisodesTerminationCondition,
    VANILLA_RUN_GOVERNOR: VanillaRunGovernorTerminationCondition,
    AGENT_OBJECTIVE: AgentObjectiveTerminationCondition,
    AGENT_EVALUATION: AgentEvaluationObjectiveTerminationCondition,
}


def builtin_condition(name: str, params: Mapping[str, Any]) -> TerminationCondition | None:
    """Make a built-in condition; None if `name` is a class of somebody else's, which its host imports.

    Raises:
        InvalidArgumentError: CONDITION_PARAMETER_INVALID.
    """
    kind = BUILTIN_CONDITIONS.get(canonical(name))
    if kind is None:
        return None
    kind.require_params(params)
    return kind(**params)
