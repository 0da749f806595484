"""Environments: what authors subclass, and instances of it behind the session port. Light to import: no gRPC."""

from __future__ import annotations

import importlib
from typing import Any

from sparring.environment.array_environment import ArrayEnvironment, ArrayStart, ArrayStep
from sparring.environment.dummy_environment import DummyEnvironment
from sparring.environment.environment import Environment
from sparring.environment.environment_baseline import EnvironmentBaseline
from sparring.environment.environment_reset import EnvironmentResetRequest, EnvironmentResetResponse
from sparring.environment.environment_state import EnvironmentState
from sparring.environment.environment_state_transformer import EnvironmentStateTransformer
from sparring.environment.reward import Reward
from sparring.types.declaration import Declaration
from sparring.types.information import ActuatorInformation, RewardInformation, SensorInformation
from sparring.types.time import SimTime

__all__ = [
    "ActuatorInformation",
    "ArrayEnvironment",
    "ArrayStart",
    "ArrayStep",
    "Declaration",
    "DummyEnvironment",
    "Environment",
    "EnvironmentBaseline",
    "EnvironmentResetRequest",
    "EnvironmentResetResponse",
    "EnvironmentState",
    "EnvironmentStateTransformer",
    "Reward",
    "RewardInformation",
    "SensorInformation",
    "SimTime",
]


def __getattr__(name: str) -> Any:
    """Import the conductor only when it is asked for: it needs gRPC, writing an environment does not."""
    if name == "EnvironmentConductor":
        return importlib.import_module("sparring.environment.conductor").EnvironmentConductor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
