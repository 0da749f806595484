"""What `Muscle.propose_actions` may return, understood: setpoints in the agent's order, and data for the brain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparring.types.errors import AuthorError, InvalidArgumentError
from sparring.types.information import ActuatorInformation
from sparring.types.layout import Layout


def split_answer(answer: Any) -> tuple[Any, Any]:
    """Return setpoints and data: a pair, unless it is a list of setpoints only."""
    if (
        isinstance(answer, tuple)
        and len(answer) == 2
        and not isinstance(answer[0], ActuatorInformation)
        and (answer[0] is None or isinstance(answer[0], Sequence | np.ndarray))
    ):
        return answer
    return answer, None


def as_informations(setpoints: Any, actuators: Sequence[ActuatorInformation]) -> list[Any]:
    """Return setpoints as information objects, for filters.

    Args:
        setpoints: As a muscle may return them.
        actuators: What it was shown.
    """
    if setpoints is None:
        return []
    if isinstance(setpoints, Sequence) and all(isinstance(each, ActuatorInformation) for each in setpoints):
        return list(setpoints)
    values = _by_place(setpoints, Layout([actuator.space for actuator in actuators]))
    return [
        ActuatorInformation(value, actuator.space, actuator.uid)
        for actuator, value in zip(actuators, values, strict=True)
        if value is not None
    ]


def in_order(setpoints: Any, index: dict[str, int], layout: Layout) -> list[Any]:
    """Return values in the agent's order, None for actuators that are left alone.

    Args:
        setpoints: As a muscle may return them.
        index: Places of the agent's actuators by uid.
        layout: Of their spaces.

    Raises:
        AuthorError: ACTUATOR_UNKNOWN or ACTUATOR_REPEATED.
        InvalidArgumentError: SETPOINTS_MISCOUNTED, for more or fewer values than there are actuators.
    """
    if setpoints is None or (isinstance(setpoints, list | tuple) and not setpoints):
        return [None] * len(index)
    if not isinstance(setpoints, Sequence) or not any(isinstance(each, ActuatorInformation) for each in setpoints):
        return _by_place(setpoints, layout)
    values: list[Any] = [None] * len(index)
    seen: set[str] = set()
    for each in setpoints:
        if not isinstance(each, ActuatorInformation):
            raise _miscounted(f"{type(each).__name__} among ActuatorInformation")
        if each.uid not in index:
            known = ", ".join(index) or "none"
            raise AuthorError(
                "ACTUATOR_UNKNOWN",
                f"The muscle set {each.uid!r}, which is none of its actuators; those are: {known}.",
                actuator=each.uid,
            )
        if each.uid in seen:
            raise AuthorError("ACTUATOR_REPEATED", f"The muscle set {each.uid!r} twice.", actuator=each.uid)
        seen.add(each.uid)
        values[index[each.uid]] = each.value
    return values


def _by_place(setpoints: Any, layout: Layout) -> list[Any]:
    """Return values that were given by their place, or as an array of all numbers."""
    count = len(layout.fields)
    if isinstance(setpoints, np.ndarray):
        numbers = sum(packed.leaf.count for packed in layout.leaves)
        if setpoints.size != numbers or not all(field.plain for field in layout.fields):
            raise _miscounted(f"an array of {setpoints.size} numbers; the actuators have {numbers}")
        flat, values, start = setpoints.reshape(-1), [], 0
        for packed in layout.leaves:
            values.append(flat[start : start + packed.leaf.count].reshape(packed.leaf.shape))
            start += packed.leaf.count
        return values
    if not isinstance(setpoints, Sequence) or isinstance(setpoints, str):
        raise _miscounted(type(setpoints).__name__)
    if len(setpoints) != count:
        raise _miscounted(f"{len(setpoints)} values for {count} actuators")
    return list(setpoints)


def _miscounted(found: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "SETPOINTS_MISCOUNTED",
        f"The muscle returned {found}; expected ActuatorInformation objects, or one value per actuator.",
    )
