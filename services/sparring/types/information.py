"""What authors read and set: the value of a sensor, an actuator or a reward, with its space and uid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium.spaces import Space

from sparring.types.conversion import show
from sparring.types.deprecation import Alias, Renamed
from sparring.types.errors import InvalidArgumentError, OutOfActionSpaceError, OutOfSpaceError
from sparring.types.layout import Layout
from sparring.types.space import equal_spaces
from sparring.types.space_text import describe_space

_REMEMBERED = 256
_layouts: dict[int, Layout] = {}


class _Information(Renamed):
    """A value with its space and uid; base of the three kinds.

    Args:
        value: as `space.sample()` gives it, or anything that converts without changing its meaning; None: no value.
        space: what the value may be.
        uid: name of the sensor, actuator or reward; given as a number it becomes text.
        value_ids: names of the components of a vector value.
        check: whether the value is checked now. The framework says False where it checks the values of a whole step at
            once.

    Raises:
        OutOfSpaceError: VALUE_OUT_OF_SPACE, naming uid, value and space; when made and whenever the value is set.
        InvalidArgumentError: INFORMATION_INCOMPLETE, without space or uid.
    """

    __slots__ = ("_space", "_uid", "_value", "value_ids")

    _error: ClassVar[type[OutOfSpaceError]] = OutOfSpaceError

    def __init__(
        self,
        value: Any = None,
        space: Space[Any] | None = None,
        uid: str | int | None = None,
        value_ids: Sequence[str | int] | None = None,
        *,
        check: bool = True,
        **deprecated: Any,
    ) -> None:
        if deprecated:
            given = self._renamed(deprecated)
            value = given.get("value") if value is None else value
            space = given.get("space") if space is None else space
            uid = given.get("uid") if uid is None else uid
        if space is None or uid is None:
            name, missing = type(self).__name__, "space" if space is None else "uid"
            raise InvalidArgumentError(
                "INFORMATION_INCOMPLETE", f"{name} needs a {missing}: {name}(value, space, uid).", missing=missing
            )
        self._value = value
        self._space = space
        self._uid = uid if type(uid) is str else str(uid)
        self.value_ids = value_ids
        if check:
            self.check()

    def check(self) -> None:
        """Raise if there is a value and the space does not contain it."""
        if self._value is not None:
            self._refuse_outside(self._space, self._value)

    def _refuse_outside(self, space: Space[Any], value: object) -> None:
        layout = _layouts.get(id(space))
        if layout is None:
            layout = _remember(space)
        try:
            violation = layout.check(layout.pack([value]))
            if violation is None:
                return
            problem = f"{violation.describe()}."
        except OutOfSpaceError as wrong:
            problem = wrong.message
        raise self._error(
            "VALUE_OUT_OF_SPACE",
            f"{type(self).__name__} {self._uid} cannot have the value {show(value)}: {problem}",
            uid=self._uid,
            value=show(value),
            space=describe_space(space),
        )

    @property
    def value(self) -> Any:
        """The value, or None."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        if value is not None:
            self._refuse_outside(self._space, value)
        self._value = value

    @property
    def space(self) -> Space[Any]:
        """What the value may be."""
        return self._space

    @space.setter
    def space(self, space: Space[Any]) -> None:
        if self._value is not None:
            self._refuse_outside(space, self._value)
        self._space = space

    @property
    def uid(self) -> str:
        """The name of the sensor, actuator or reward."""
        return self._uid

    @uid.setter
    def uid(self, uid: str) -> None:
        self._uid = str(uid)

    def __len__(self) -> int:
        """Return how many components a value has."""
        layout = _layouts.get(id(self._space)) or _remember(self._space)
        return sum(1 if packed.leaf.dtype is None else packed.leaf.count for packed in layout.leaves)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Information) or type(self) is not type(other):
            return NotImplemented
        return (
            self._uid == other._uid
            and _same(self._value, other._value)
            and equal_spaces(self._space, other._space)
            and _same(self.value_ids, other.value_ids)
        )

    def __repr__(self) -> str:
        value, space = show(self._value), describe_space(self._space)
        return f"{type(self).__name__}(value={value}, space={space}, uid={self._uid!r})"


class SensorInformation(_Information):
    """A sensor's reading; calling it returns the value.

    ```python
    reading = SensorInformation(np.float32(1.02), Box(0.0, 2.0, shape=()), "voltage")
    reading()  # 1.02
    ```
    """

    __slots__ = ()
    sensor_value = Alias("value")
    observation_space = Alias("space")
    sensor_id = Alias("uid")

    def __call__(self) -> Any:
        """Return the value."""
        return self._value


class ActuatorInformation(_Information):
    """An actuator with its setpoint, or without one yet; calling it sets the setpoint.

    ```python
    valve = ActuatorInformation(space=Discrete(3), uid="valve")
    valve(2)
    ```

    Raises:
        OutOfActionSpaceError: VALUE_OUT_OF_SPACE, naming uid, value and space; the setpoint stays what it was.
    """

    __slots__ = ()
    _error = OutOfActionSpaceError
    setpoint = Alias("value")
    action_space = Alias("space")
    actuator_id = Alias("uid")

    def __call__(self, value: Any) -> None:
        """Set the setpoint; None takes it away."""
        self.value = value


class RewardInformation(_Information):
    """A reward of an environment; calling it returns the value, and `+` adds values, so that `sum(rewards)` works."""

    __slots__ = ()
    reward_value = Alias("value")
    observation_space = Alias("space")
    reward_id = Alias("uid")

    def __call__(self) -> Any:
        """Return the value."""
        return self._value

    def __add__(self, other: Any) -> Any:
        return self._value + (other.value if isinstance(other, RewardInformation) else other)

    def __radd__(self, other: Any) -> Any:
        return other + self._value


def _remember(space: Space[Any]) -> Layout:
    """Prepare a space for checks; having no hash, it is known by its id, and kept so that the id stays its own."""
    if len(_layouts) >= _REMEMBERED:
        _layouts.clear()
    layout = _layouts[id(space)] = Layout([space])
    return layout


def _same(one: object, other: object) -> bool:
    """Compare two values, also nested ones that hold arrays."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or bool(np.array_equal(one, other))  # type: ignore[arg-type]
