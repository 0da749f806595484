"""Whether the parts of an agent can be made, found out before anything runs."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.agent.brain import Brain
from sparring.agent.filter import Filter
from sparring.agent.muscle import Muscle
from sparring.agent.objective import Objective
from sparring.agent.parts import Resolve, make_part
from sparring.types.declaration import Component

_AGENT = ""


def describe_muscle(component: Component, filters: Sequence[Component], resolve: Resolve, agent: str = _AGENT) -> None:
    """Make a muscle and its filters, and forget them.

    Args:
        component: The muscle.
        filters: Its filters.
        resolve: Finds classes by name.
        agent: The agent's name, for messages.

    Raises:
        NotFoundError: As `resolve`.
        InvalidArgumentError: PARAMETERS_INVALID, CLASS_UNSUITABLE.
        AuthorError: A constructor raised.
    """
    make_part(resolve, component, Muscle, "muscle", agent, {"uid": agent, "seed": 0})
    _make_filters(filters, resolve, agent)


def describe_brain(
    component: Component, objective: Component, filters: Sequence[Component], resolve: Resolve, agent: str = _AGENT
) -> bool:
    """Make a brain, its objective and its filters, and forget them; arguments and errors as `describe_muscle`.

    Returns:
        Whether the brain ever changes its policy.
    """
    offers: dict[str, object] = {"seed": 0, "sensors": [], "actuators": []}
    brain: Brain = make_part(resolve, component, Brain, "brain", agent, offers)
    make_part(resolve, objective, Objective, "objective", agent, {})
    _make_filters(filters, resolve, agent)
    return bool(brain.learns)


def _make_filters(filters: Sequence[Component], resolve: Resolve, agent: str) -> None:
    for each in filters:
        make_part(resolve, each, Filter, "filter", agent, {})
