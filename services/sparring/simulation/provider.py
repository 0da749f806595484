"""What a rollout worker is given: somebody who opens sessions where the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sparring.types.declaration import Component, Declaration, FreeValue
from sparring.types.plan import AgentPlan, EnvironmentPlan, RolloutPlan
from sparring.types.ports import EnvironmentSession, ExperienceSession, MuscleSession, RecordSession


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """What the store is told about an environment before its first row."""

    uid: str
    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    rewards: tuple[Declaration, ...]
    component: Component
    static_world_model: FreeValue | None = None


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """What the store is told about an agent before its first row."""

    name: str
    sensors: tuple[str, ...]
    actuators: tuple[str, ...]


class SessionProvider(Protocol):
    """Opens sessions.

    Opening one neither sends nor starts anything yet; experience is joined, and records are opened.
    """

    def environment(self, plan: EnvironmentPlan) -> EnvironmentSession:
        """Reach an environment at its place."""

    def muscle(self, plan: AgentPlan) -> MuscleSession:
        """Reach a muscle at its place."""

    def experience(
        self, plan: AgentPlan, sensors: Sequence[Declaration], actuators: Sequence[Declaration], rollout: RolloutPlan
    ) -> ExperienceSession:
        """Join the agent's brain.

        Raises:
            LostError: The brain is gone.
            FailedPreconditionError: It refuses (EPOCH_STALE, SESSION_UNKNOWN).
        """

    def record(
        self, plan: RolloutPlan, environments: Sequence[EnvironmentRecord], agents: Sequence[AgentRecord]
    ) -> RecordSession:
        """Open the stream to the store.

        Raises:
            LostError: The store did not come back within its budget.
            FailedPreconditionError: EPOCH_STALE, somebody else owns the run now.
        """
