"""The slot of a simulation host that runs inline components as well: author objects in the step loop's own process."""

from __future__ import annotations

from sparring.agent.muscle_instance import MuscleInstance
from sparring.client.access import Access
from sparring.environment.instance import EnvironmentInstance
from sparring.host.plugins import Plugins
from sparring.host.slot_context import SlotContext
from sparring.simulation.server.provider import StreamProvider
from sparring.simulation.server.slot import SimulationSlot
from sparring.types.plan import AgentPlan, EnvironmentPlan, Inline
from sparring.types.ports import EnvironmentSession, MuscleSession

OWN = ("sparring.agent", "sparring.environment")
"""What every host has, plugins or not."""


class InlineProvider(StreamProvider):
    """See `SessionProvider`: what the plan places inline is made here, the rest is reached over streams."""

    def __init__(self, context: SlotContext) -> None:
        super().__init__(Access(context.configuration.token))
        self._gauge = context.gauge
        self._plugins = Plugins((*OWN, *context.configuration.plugins))

    def environment(self, plan: EnvironmentPlan) -> EnvironmentSession:
        """Make, or reach, an environment."""
        if isinstance(plan.place, Inline):
            return EnvironmentInstance(self._plugins, self._gauge)
        return super().environment(plan)

    def muscle(self, plan: AgentPlan) -> MuscleSession:
        """Make, or reach, a muscle."""
        if isinstance(plan.place, Inline):
            return MuscleInstance(self._plugins, self._gauge)
        return super().muscle(plan)


def make_slot(context: SlotContext) -> SimulationSlot:
    """Make the server of a slot; the entry that the host names."""
    return SimulationSlot(context, InlineProvider)
