"""Which modules of authors a service may import besides its own, and which classes are in them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from types import ModuleType
from typing import Final

GROUP: Final = "sparring.plugins"
"""Installed packages name their modules under this group of entry points."""
_TESTS: Final = ("test", "tests", "conftest")


def allowed(named: Sequence[str]) -> tuple[str, ...]:
    """Return the modules that were named (SPARRING_PLUGINS), and those of entry points of installed packages."""
    return tuple(dict.fromkeys((*named, *(point.module for point in entry_points(group=GROUP)))))


def announced(
    modules: Sequence[str], role_of: Callable[[type], str | None]
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Find what author modules have. Imports them, and everything below them; only for a process that may end so.

    Args:
        modules: Names of modules and packages.
        role_of: The role of a class; None if it has none.

    Returns:
        (`module:Class`, role) in order, and for every module that cannot be imported, why.
    """
    found: dict[tuple[str, str], None] = {}
    problems: dict[str, str] = {}
    for name in modules:
        for module in _imported(name, problems):
            for attribute, value in vars(module).items():
                if attribute.startswith("_") or not inspect.isclass(value) or inspect.isabstract(value):
                    continue
                role = role_of(value)
                if role is not None:
                    found[f"{module.__name__}:{attribute}", role] = None
    return list(found), problems


def _imported(name: str, problems: dict[str, str]) -> Iterator[ModuleType]:
    """Import a module and, if it is a package, what is in it."""
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        problems[name] = f"{type(error).__name__}: {error}"
        return
    yield module
    for below in pkgutil.iter_modules(getattr(module, "__path__", ())):
        if not below.name.startswith("_") and below.name not in _TESTS:
            yield from _imported(f"{name}.{below.name}", problems)
