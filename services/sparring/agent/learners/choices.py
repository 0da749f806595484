"""What a learner does: the setpoints of all actuators as choices among a few values each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Space, Text
from numpy.typing import NDArray

from sparring.agent.learners.columns import leaf_columns
from sparring.types.conversion import assemble
from sparring.types.errors import InvalidArgumentError
from sparring.types.layout import Layout
from sparring.types.leaf import Leaf, leaves
from sparring.types.values import Values


class Choices:
    """Turns setpoints into choices: one per number that is set, among all its values or, of a Box, among some.

    The numbers of a Box are chosen from `levels` values at equal distances between its bounds, both included. So all
    kinds of actuators are one kind for the learner, and a policy is not tied to one shape of distribution (Tang and
    Agrawal 2020, arXiv:1901.10500).

    Args:
        uids: Of the actuators, for messages.
        spaces: Of the actuators, in order.
        levels: Values to choose from for a number of a Box.

    Attributes:
        counts: How many values each choice is among.

    Raises:
        InvalidArgumentError: ACTUATOR_UNSUITABLE, naming a Box without bounds, or Text.
    """

    def __init__(self, uids: Sequence[str], spaces: Sequence[Space[Any]], levels: int) -> None:
        self._layout = Layout(spaces)
        self._actuators = [_Actuator(uid, space, levels) for uid, space in zip(uids, spaces, strict=True)]
        self._tables = [table for actuator in self._actuators for table in actuator.tables]
        self.counts = tuple(len(table) for table in self._tables)

    def setpoints(self, chosen: Sequence[int]) -> list[Any]:
        """Return a value per actuator."""
        found = []
        start = 0
        for actuator in self._actuators:
            stop = start + len(actuator.tables)
            found.append(actuator.value(chosen[start:stop]))
            start = stop
        return found

    def of_rows(self, rows: Sequence[Values]) -> NDArray[np.int64]:
        """Return what was chosen, [rows, choices], from packed setpoints."""
        columns = [column.reshape(len(rows), -1) for column in leaf_columns(self._layout, rows)]
        numbers = np.concatenate(columns, axis=1) if columns else np.zeros((len(rows), 0))
        found = np.zeros(numbers.shape, np.int64)
        for place, table in enumerate(self._tables):
            if len(table) > 1:
                # The values halfway between two neighbours tell which is nearer; a difference could be too large.
                halfway = table[:-1] / 2.0 + table[1:] / 2.0
                found[:, place] = np.searchsorted(halfway, numbers[:, place])
        return found


class _Actuator:
    """The choices of one actuator."""

    def __init__(self, uid: str, space: Space[Any], levels: int) -> None:
        self._space = space
        self._leaves = leaves(space)
        self.tables = [table for leaf in self._leaves for table in _tables(uid, leaf, levels)]
        self._ready: list[Any] | None = None
        if len(self._leaves) == 1 and len(self.tables) == 1 and not self._leaves[0].path:
            self._ready = [self._made([number]) for number in range(len(self.tables[0]))]

    def value(self, chosen: Sequence[int]) -> Any:
        if self._ready is not None:
            return self._ready[chosen[0]]
        return self._made(chosen)

    def _made(self, chosen: Sequence[int]) -> Any:
        numbers = [table[number] for table, number in zip(self.tables, chosen, strict=True)]
        parts: list[Any] = []
        start = 0
        for leaf in self._leaves:
            stop = start + leaf.count
            some = numbers[start:stop]
            whole = isinstance(leaf.space, Discrete)
            parts.append(int(some[0]) if whole else np.array(some, leaf.space.dtype).reshape(leaf.shape))
            start = stop
        return assemble(self._space, iter(parts))


def _tables(uid: str, leaf: Leaf, levels: int) -> list[NDArray[Any]]:
    """Return the values that each number of a leaf is chosen from."""
    space = leaf.space
    if isinstance(space, Text):
        raise _unsuitable(uid, "it takes text")
    low, high = (np.ravel(bound) for bound in leaf.bounds())
    if isinstance(space, Discrete | MultiDiscrete | MultiBinary):
        return [np.arange(int(first), int(last) + 1) for first, last in zip(low, high, strict=True)]
    assert isinstance(space, Box)
    if not np.isfinite([low, high]).all():
        raise _unsuitable(uid, "its Box has no bounds; declare those that make sense")
    return [_spread(first, last, levels, space.dtype.kind == "f") for first, last in zip(low, high, strict=True)]


def _spread(low: Any, high: Any, levels: int, fractions: bool) -> NDArray[Any]:
    if low == high:
        return np.array([low])
    if fractions:
        # Half the width at a time: the whole one of a Box of the largest numbers there are is no number.
        steps = np.linspace(0.0, 1.0, levels)
        middle = np.float64(low) * (1.0 - steps) + np.float64(high) * steps
        return np.clip(middle, low, high).astype(np.result_type(low))
    first, last = int(low), int(high)
    count = min(levels, last - first + 1)
    return np.array([first + round((last - first) * step / (count - 1)) for step in range(count)])


def _unsuitable(uid: str, problem: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "ACTUATOR_UNSUITABLE", f"This agent cannot set the actuator {uid!r}: {problem}.", actuator=uid
    )
