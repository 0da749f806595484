"""Author classes by name, for tests that host them in this process."""

import importlib
from collections.abc import Callable
from typing import Any

from sparring.types.errors import NotFoundError


def resolve(name: str) -> Callable[..., Any]:
    """Return the class `module:Class`.

    Raises:
        NotFoundError: COMPONENT_UNKNOWN, as a host answers.
    """
    module, _, attribute = name.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise NotFoundError("COMPONENT_UNKNOWN", f"There is no {name}.", component=name) from error
    return found
