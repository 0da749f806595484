"""The tuples that environments of earlier versions return, understood with a warning."""

from __future__ import annotations

import warnings
from typing import Any

from sparring.environment.environment_baseline import EnvironmentBaseline
from sparring.environment.environment_state import EnvironmentState

_WARNED = "_sparring_warned"


def baseline_of_tuple(answer: Any, owner: Any) -> Any:
    """Return (sensors, actuators) as an EnvironmentBaseline, and anything else as it is."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        return answer
    _warn(owner, "start_environment", "EnvironmentBaseline(sensors_available, actuators_available)")
    return EnvironmentBaseline(*answer)


def state_of_tuple(answer: Any, owner: Any) -> Any:
    """Return (sensors, rewards, done) as an EnvironmentState, and anything else as it is."""
    if not isinstance(answer, tuple) or len(answer) != 3:
        return answer
    _warn(owner, "update", "EnvironmentState(sensor_information, rewards, done)")
    return EnvironmentState(*answer)


def _warn(owner: Any, method: str, instead: str) -> None:
    """Warn once per object and method: an update comes a thousand times a second."""
    warned = getattr(owner, _WARNED, ())
    if method not in warned:
        setattr(owner, _WARNED, (*warned, method))
        warnings.warn(
            f"{type(owner).__name__}.{method} returns a tuple, which is deprecated; return {instead}.",
            DeprecationWarning,
            stacklevel=2,
        )
