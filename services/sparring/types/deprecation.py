"""Old names of palaestrAI that still work, with a warning that names the new one."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar


class Renamed:
    """Base of classes with old names: knows which new name each stands for."""

    __slots__ = ()

    _aliases: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def _renamed(cls, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments given by old names under the new ones; for the constructor of a subclass to call.

        Raises:
            TypeError: one of them is no old name.
        """
        for old in arguments:
            if old not in cls._aliases:
                raise TypeError(f"{cls.__name__}() got an unexpected keyword argument {old!r}")
            warn_renamed(cls.__name__, old, cls._aliases[old], stacklevel=4)
        return {cls._aliases[old]: value for old, value in arguments.items()}


class Alias:
    """An old name of an attribute, and of the argument that sets it.

    Args:
        new: the attribute's name now.
    """

    def __init__(self, new: str) -> None:
        self._new = new

    def __set_name__(self, owner: type[Renamed], old: str) -> None:
        self._old = old
        owner._aliases = {**owner._aliases, old: self._new}

    def __get__(self, instance: Renamed | None, owner: type[Renamed]) -> Any:
        if instance is None:
            return self
        warn_renamed(owner.__name__, self._old, self._new, stacklevel=3)
        return getattr(instance, self._new)

    def __set__(self, instance: Renamed, value: Any) -> None:
        warn_renamed(type(instance).__name__, self._old, self._new, stacklevel=3)
        setattr(instance, self._new, value)


def warn_renamed(kind: str, old: str, new: str, stacklevel: int) -> None:
    """Warn that a name is old; `stacklevel` counts from here, so that the warning shows the author's own line."""
    warnings.warn(f"{kind}.{old} is deprecated, use {new}.", DeprecationWarning, stacklevel=stacklevel)
