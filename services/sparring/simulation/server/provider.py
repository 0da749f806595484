"""Opens the sessions of a rollout worker over streams, where the plan's grants and addresses lead."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.client.access import Access
from sparring.client.experience_session import open_experience
from sparring.client.fault_ledger import StreamFaultLedger
from sparring.client.record_session import open_record
from sparring.client.stream_session import open_environment, open_muscle
from sparring.simulation.provider import AgentRecord, EnvironmentRecord
from sparring.types.declaration import Declaration
from sparring.types.errors import InvalidArgumentError
from sparring.types.plan import AgentPlan, EnvironmentPlan, RolloutPlan
from sparring.types.ports import EnvironmentSession, ExperienceSession, MuscleSession, RecordSession


class StreamProvider:
    """See `SessionProvider`. Everything is reached over streams; nothing runs inline."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def environment(self, plan: EnvironmentPlan) -> EnvironmentSession:
        """Reach an environment."""
        return open_environment(plan.place, plan.uid, access=self._access)

    def muscle(self, plan: AgentPlan) -> MuscleSession:
        """Reach a muscle."""
        return open_muscle(plan.place, plan.name, access=self._access)

    def experience(
        self, plan: AgentPlan, sensors: Sequence[Declaration], actuators: Sequence[Declaration], rollout: RolloutPlan
    ) -> ExperienceSession:
        """Join a brain."""
        if plan.brain is None:
            raise InvalidArgumentError("PLAN_INVALID", f"The plan says nowhere where the brain of {plan.name!r} runs.")
        return open_experience(plan.brain, plan.name, sensors, actuators, rollout, access=self._access)

    def fault_ledger(self, plan: RolloutPlan) -> StreamFaultLedger:
        """Reach where faults are kept."""
        return StreamFaultLedger(plan, self._access)

    def record(
        self, plan: RolloutPlan, environments: Sequence[EnvironmentRecord], agents: Sequence[AgentRecord]
    ) -> RecordSession:
        """Open the stream to the store."""
        return open_record(plan, environments, agents, access=self._access)
