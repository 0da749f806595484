"""Termination conditions that look at an agent's objectives, asked beside its brain after each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sparring.agent.attempt import Attempt
from sparring.agent.parts import Resolve
from sparring.types.author_code import AUTHOR_FAULTS, author_error, construct
from sparring.types.declaration import Component
from sparring.types.flow import SimulationFlowControl


class FlowVerdict(Protocol):
    """What a condition says."""

    @property
    def flow(self) -> SimulationFlowControl:
        """How far to stop."""


class BrainCondition(Protocol):
    """A condition, as far as it is asked beside brains."""

    def objectives_needed(self, agent: str) -> int:
        """Return how many of the last objectives of an episode it looks at; 0: it does not look at this agent."""

    def brain_flow_control(self, agent: str, objectives: Sequence[float]) -> FlowVerdict:
        """Say whether the episode goes on."""


class BrainConditions:
    """All conditions of a phase that look at one agent.

    Args:
        agent: Its name.
        components: The conditions; those that do not look at brains are left out.
        resolve: Finds their classes.

    Attributes:
        needed: How many of the last objectives have to be kept.

    Raises:
        NotFoundError: As `resolve`.
        InvalidArgumentError: PARAMETERS_INVALID.
        AuthorError: A condition raised.
    """

    def __init__(self, agent: str, components: Sequence[Component], resolve: Resolve) -> None:
        self._agent = agent
        self._asked: list[tuple[BrainCondition, int]] = []
        for component in components:
            made = construct(resolve(component.name), component.parameters, {}, f"condition {component.name}")
            if hasattr(made, "brain_flow_control") and (needed := made.objectives_needed(agent)) > 0:
                self._asked.append((made, needed))
        self.needed = max((needed for _, needed in self._asked), default=0)

    def flow(self, attempt: Attempt) -> SimulationFlowControl:
        """Return the highest wish of all.

        Raises:
            AuthorError: A condition raised.
        """
        flow = SimulationFlowControl.CONTINUE
        for condition, needed in self._asked:
            try:
                objectives = list(attempt.recent)[-needed:]
                flow = max(flow, condition.brain_flow_control(self._agent, objectives).flow)
            except AUTHOR_FAULTS as error:
                component, called = f"agent {self._agent!r}", "brain_flow_control of a condition"
                more = {"agent": self._agent, "part": "condition"}
                raise author_error(error, component, called, condition, attempt.steps, None, **more) from error
        return flow
