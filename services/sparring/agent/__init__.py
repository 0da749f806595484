"""Agents: what authors subclass, what comes with Sparring, and instances of it. Light to import: no gRPC."""

from __future__ import annotations

import importlib
from typing import Any

from sparring.agent.aggregate_rewards_objective import AggregateRewardsObjective
from sparring.agent.array_muscle import ArrayMuscle
from sparring.agent.brain import Brain
from sparring.agent.brain_dumper import BrainDumper
from sparring.agent.dummy_brain import DummyBrain
from sparring.agent.dummy_muscle import DummyMuscle
from sparring.agent.dummy_objective import DummyObjective
from sparring.agent.evaluation_result import EvaluationResult
from sparring.agent.filter import Filter
from sparring.agent.filters import (
    AbsoluteDeviationFilter,
    ActionTimeShiftFilter,
    DeltaActionFilter,
    DeltaObsFilter,
    DeltaStepFilter,
    MergeStepsFilter,
    NormFilter,
    QuadraticPenaltyFilter,
)
from sparring.agent.memory import Memory
from sparring.agent.memory_shard import MemoryShard
from sparring.agent.muscle import Muscle
from sparring.agent.objective import Objective
from sparring.agent.random_muscle import RandomMuscle
from sparring.agent.scripted_muscle import ScriptedMuscle
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation

__all__ = [
    "AbsoluteDeviationFilter",
    "ActionTimeShiftFilter",
    "ActuatorInformation",
    "AggregateRewardsObjective",
    "ArrayMuscle",
    "Brain",
    "BrainDumper",
    "DeltaActionFilter",
    "DeltaObsFilter",
    "DeltaStepFilter",
    "DummyBrain",
    "DummyMuscle",
    "DummyObjective",
    "EvaluationResult",
    "Filter",
    "Memory",
    "MemoryShard",
    "MergeStepsFilter",
    "Muscle",
    "NormFilter",
    "Objective",
    "QuadraticPenaltyFilter",
    "RandomMuscle",
    "RewardInformation",
    "ScriptedMuscle",
    "SensorInformation",
]


def __getattr__(name: str) -> Any:
    """Import the conductor only when it is asked for: it needs gRPC, writing an agent does not."""
    if name == "AgentConductor":
        return importlib.import_module("sparring.agent.conductor").AgentConductor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
