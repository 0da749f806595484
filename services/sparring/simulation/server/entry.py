"""The entry of the simulation service's own slots: everything over streams."""

from __future__ import annotations

from sparring.client.access import Access
from sparring.host.slot_context import SlotContext
from sparring.simulation.server.provider import StreamProvider
from sparring.simulation.server.slot import SimulationSlot


def make_slot(context: SlotContext) -> SimulationSlot:
    """Make the server of a slot."""
    return SimulationSlot(context, lambda context: StreamProvider(Access(context.configuration.token)))
