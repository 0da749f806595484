"""Experiment documents: read, checked, written out in full; and the termination conditions they name.

Names are loaded at first use: a service that only needs a termination condition does not pay for the models.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparring.experiment.class_use import ClassUse, Role, classes_of, modules_of
    from sparring.experiment.conditions.base import (
        EnvironmentEnd,
        EpisodeResult,
        EvaluationResult,
        PhaseProgress,
        TerminationCondition,
        Verdict,
    )
    from sparring.experiment.conditions.builtin import builtin_condition
    from sparring.experiment.conditions.episodes import (
        EnvironmentTerminationCondition,
        MaxEpisodesTerminationCondition,
        VanillaRunGovernorTerminationCondition,
        decide,
    )
    from sparring.experiment.conditions.evaluation import AgentEvaluationObjectiveTerminationCondition
    from sparring.experiment.conditions.objective import AgentObjectiveTerminationCondition
    from sparring.experiment.described import DescribedEnvironment, check_assignments
    from sparring.experiment.document import Document, check_document, load_document
    from sparring.experiment.problems import DocumentError, Problem
    from sparring.experiment.run import (
        AgentSpec,
        BrainSource,
        ComponentSpec,
        EnvironmentSpec,
        ExperimentRun,
        HostedSpec,
        Phase,
        ReplaySource,
        TimeoutsSpec,
    )

_NAMES = {
    "class_use": ("ClassUse", "Role", "classes_of", "modules_of"),
    "conditions.base": (
        "EnvironmentEnd",
        "EpisodeResult",
        "EvaluationResult",
        "PhaseProgress",
        "TerminationCondition",
        "Verdict",
    ),
    "conditions.builtin": ("builtin_condition",),
    "conditions.episodes": (
        "EnvironmentTerminationCondition",
        "MaxEpisodesTerminationCondition",
        "VanillaRunGovernorTerminationCondition",
        "decide",
    ),
    "conditions.evaluation": ("AgentEvaluationObjectiveTerminationCondition",),
    "conditions.objective": ("AgentObjectiveTerminationCondition",),
    "described": ("DescribedEnvironment", "check_assignments"),
    "document": ("Document", "check_document", "load_document"),
    "problems": ("DocumentError", "Problem"),
    "run": (
        "AgentSpec",
        "BrainSource",
        "ComponentSpec",
        "EnvironmentSpec",
        "ExperimentRun",
        "HostedSpec",
        "Phase",
        "ReplaySource",
        "TimeoutsSpec",
    ),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}
__all__ = [
    "AgentEvaluationObjectiveTerminationCondition",
    "AgentObjectiveTerminationCondition",
    "AgentSpec",
    "BrainSource",
    "ClassUse",
    "ComponentSpec",
    "DescribedEnvironment",
    "Document",
    "DocumentError",
    "EnvironmentEnd",
    "EnvironmentSpec",
    "EnvironmentTerminationCondition",
    "EpisodeResult",
    "EvaluationResult",
    "ExperimentRun",
    "HostedSpec",
    "MaxEpisodesTerminationCondition",
    "Phase",
    "PhaseProgress",
    "Problem",
    "ReplaySource",
    "Role",
    "TerminationCondition",
    "TimeoutsSpec",
    "VanillaRunGovernorTerminationCondition",
    "Verdict",
    "builtin_condition",
    "check_assignments",
    "check_document",
    "classes_of",
    "decide",
    "load_document",
    "modules_of",
]


def __getattr__(name: str) -> object:
    """Import a public name from where it is defined."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
