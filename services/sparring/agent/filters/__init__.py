"""Filters that come with Sparring."""

from __future__ import annotations

from sparring.agent.filters.action_filters import DeltaActionFilter, DeltaStepFilter
from sparring.agent.filters.deviation_filters import AbsoluteDeviationFilter, QuadraticPenaltyFilter
from sparring.agent.filters.history_filters import ActionTimeShiftFilter, DeltaObsFilter, MergeStepsFilter
from sparring.agent.filters.norm_filter import NormFilter

__all__ = [
    "AbsoluteDeviationFilter",
    "ActionTimeShiftFilter",
    "DeltaActionFilter",
    "DeltaObsFilter",
    "DeltaStepFilter",
    "MergeStepsFilter",
    "NormFilter",
    "QuadraticPenaltyFilter",
]
