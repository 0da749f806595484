"""ScriptedMuscle: does what a document says, whatever it reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space

from sparring.agent.array_muscle import ArrayMuscle
from sparring.agent.uids import find_uid
from sparring.types.errors import InvalidArgumentError

Script = Callable[[int], Any]
"""The setpoint of each step of an episode, from 0; None leaves the actuator alone."""


class ScriptedMuscle(ArrayMuscle):
    """Sets actuators by a script: constant, sequence or sine.

    ```yaml
    params:
      script:
        grid.valve: 1                                         # always 1
        grid.pump: {sequence: [0, 1, null, 2], repeat: true}  # one after the other, null leaves it alone
        grid.load: {sine: {amplitude: 0.5, period: 96, offset: 1.0, phase: 0}}
    ```

    A sine is offset + amplitude * sin(2 pi (step + phase) / period), step counted from 0, amplitude 1 and offset 0 by
    default; for integers it is rounded. A sequence that does not repeat leaves the actuator alone once it is over. A
    single number counts for all elements of a vector. Actuators without a script are left alone.

    Args:
        script: By actuator (`environment.actuator`, or bare if unique): a value (constant), a list (sequence), or a
            mapping with exactly one of constant, sequence, sine.

    Raises:
        InvalidArgumentError: SCRIPT_INVALID; when set up, ACTUATOR_UNKNOWN or ACTUATOR_AMBIGUOUS.
    """

    def __init__(self, script: Mapping[str, Any]) -> None:
        super().__init__()
        self.script = dict(script)
        self._made = {name: _made(name, given) for name, given in self.script.items()}
        self._scripts: list[Callable[[int], Any] | None] = []
        self._step = 0

    def setup(self) -> None:
        """Find the actuators."""
        uids = [actuator.uid for actuator in self.actuators]
        self._scripts = [None] * len(uids)
        for name, script in self._made.items():
            place = find_uid("actuator", name, uids)
            self._scripts[place] = _fitted(script, self.actuators[place].space)

    def reset(self) -> None:
        """Begin at the beginning."""
        self._step = 0

    def act(self, readings: Sequence[Any]) -> list[Any]:
        """Return what is due."""
        step = self._step
        self._step += 1
        return [None if script is None else script(step) for script in self._scripts]


def _made(name: str, given: Any) -> Script:
    """Make a script of what the document says."""
    if isinstance(given, list):
        given = {"sequence": given}
    if not isinstance(given, Mapping):
        given = {"constant": given}
    kinds = [kind for kind in ("constant", "sequence", "sine") if kind in given]
    if len(kinds) != 1 or set(given) - {kinds[0], *(("repeat",) if kinds[0] == "sequence" else ())}:
        raise _invalid(name, f"it has {', '.join(map(str, given)) or 'nothing'}; write constant, sequence or sine")
    what = given[kinds[0]]
    if kinds[0] == "constant":
        return lambda step: what
    if kinds[0] == "sequence":
        return _sequence(name, what, given.get("repeat", False))
    return _sine(name, what)


def _sequence(name: str, values: Any, repeat: bool) -> Script:
    if not isinstance(values, list) or not values:
        raise _invalid(name, "its sequence is no list with something in it")
    if repeat:
        return lambda step: values[step % len(values)]
    return lambda step: values[step] if step < len(values) else None


def _sine(name: str, given: Any) -> Script:
    defaults = {"amplitude": 1.0, "offset": 0.0, "phase": 0.0}
    if not isinstance(given, Mapping) or set(given) - {*defaults, "period"} or "period" not in given:
        raise _invalid(name, "a sine has a period in steps, and perhaps amplitude, offset and phase")
    try:
        wave = {key: float(value) for key, value in {**defaults, **given}.items()}
    except (TypeError, ValueError):
        raise _invalid(name, "amplitude, period, offset and phase of a sine are numbers") from None
    if not wave["period"] > 0:
        raise _invalid(name, "the period of a sine is more than 0 steps")
    turn = 2 * math.pi / wave["period"]
    return lambda step: wave["offset"] + wave["amplitude"] * math.sin(turn * (step + wave["phase"]))


def _fitted(script: Script, space: Space[Any]) -> Callable[[int], Any]:
    """Make plain numbers into values of the space; anything else is left as it is, and checked when it is set."""

    def fit(step: int) -> Any:
        value = script(step)
        if isinstance(value, bool) or not isinstance(value, int | float | list):
            return value
        if isinstance(space, Discrete):
            return round(value) if isinstance(value, float) else value
        if isinstance(space, Box):
            numbers = np.asarray(value, np.float64)
            if space.dtype.kind != "f":
                numbers = np.rint(numbers).astype(space.dtype)
            return np.full(space.shape, numbers).astype(space.dtype) if numbers.ndim == 0 else numbers
        return value

    return fit


def _invalid(name: str, problem: str) -> InvalidArgumentError:
    return InvalidArgumentError("SCRIPT_INVALID", f"The script of {name!r} cannot be used: {problem}.", actuator=name)
