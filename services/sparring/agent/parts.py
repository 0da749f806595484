"""The parts of an agent, made of author classes by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparring.types.author_code import construct
from sparring.types.declaration import Component
from sparring.types.errors import InvalidArgumentError

Resolve = Callable[[str], Callable[..., Any]]
"""Finds a class by its name, `module:Class`; raises NotFoundError if there is none."""


def make_part(
    resolve: Resolve, component: Component, expected: type[Any], part: str, agent: str, offers: dict[str, object]
) -> Any:
    """Make an object of an author's class that is a part of an agent.

    Args:
        resolve: Finds the class.
        component: Its name and parameters.
        expected: What it must be.
        part: What it is called: muscle, brain, objective, filter.
        agent: The agent's name.
        offers: Arguments that its constructor gets if it names them.

    Raises:
        NotFoundError: As `resolve`.
        InvalidArgumentError: PARAMETERS_INVALID, CLASS_UNSUITABLE.
        AuthorError: The constructor raised.
    """
    made = construct(resolve(component.name), component.parameters, offers, f"the {part} of agent {agent!r}")
    if not isinstance(made, expected):
        raise InvalidArgumentError(
            "CLASS_UNSUITABLE", f"{component.name} is no {expected.__name__}; agent {agent!r} cannot use it as {part}."
        )
    return made
