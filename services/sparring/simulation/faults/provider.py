"""Opens sessions with faults: a session provider around another one."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.simulation.control import RolloutGauge
from sparring.simulation.faults.ledger import FaultLedger, KeepsFaults
from sparring.simulation.faults.schedule import Schedule
from sparring.simulation.faults.sessions import DisturbedEnvironment, DisturbedMuscle
from sparring.simulation.provider import AgentRecord, EnvironmentRecord, SessionProvider
from sparring.types.declaration import Declaration
from sparring.types.errors import InternalError
from sparring.types.plan import AgentPlan, EnvironmentPlan, RolloutPlan
from sparring.types.ports import EnvironmentSession, ExperienceSession, MuscleSession, RecordSession


def with_faults(provider: SessionProvider, plan: RolloutPlan, gauge: RolloutGauge) -> SessionProvider:
    """Return a provider whose sessions have the plan's faults; of a plan without any, the provider itself.

    Raises:
        InternalError: FAULTS_NOT_KEPT, the provider does not know where.
    """
    if not plan.faults:
        return provider
    if not isinstance(provider, KeepsFaults):
        raise InternalError("FAULTS_NOT_KEPT", "This rollout worker has nowhere to keep the faults that strike.")
    return FaultyProvider(provider, provider.fault_ledger(plan), plan, gauge)


class FaultyProvider:
    """See `SessionProvider`. Components without faults get their sessions as they are."""

    def __init__(self, provider: SessionProvider, ledger: FaultLedger, plan: RolloutPlan, gauge: RolloutGauge) -> None:
        self._provider = provider
        self._ledger = ledger
        self._plan = plan
        self._gauge = gauge

    def environment(self, plan: EnvironmentPlan) -> EnvironmentSession:
        """Reach an environment."""
        session, schedule = self._provider.environment(plan), self._schedule(plan.uid, agent=False)
        if not schedule.faults:
            return session
        return DisturbedEnvironment(session, schedule, self._plan.timeouts.step_s)

    def muscle(self, plan: AgentPlan) -> MuscleSession:
        """Reach a muscle."""
        session, schedule = self._provider.muscle(plan), self._schedule(plan.name, agent=True)
        return DisturbedMuscle(session, schedule, self._plan.timeouts.step_s) if schedule.faults else session

    def experience(
        self, plan: AgentPlan, sensors: Sequence[Declaration], actuators: Sequence[Declaration], rollout: RolloutPlan
    ) -> ExperienceSession:
        """Join a brain."""
        return self._provider.experience(plan, sensors, actuators, rollout)

    def record(
        self, plan: RolloutPlan, environments: Sequence[EnvironmentRecord], agents: Sequence[AgentRecord]
    ) -> RecordSession:
        """Open the stream to the store."""
        return self._provider.record(plan, environments, agents)

    def _schedule(self, component: str, *, agent: bool) -> Schedule:
        faults = [fault for fault in self._plan.faults if fault.agent is agent and fault.component == component]
        return Schedule(faults, self._plan, self._gauge, self._ledger)
