"""The simulation service put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.api.simulation.v1 import simulation_service_pb2_grpc as pb_grpc
from sparring.host import service
from sparring.host.pool import SlotPool
from sparring.host.settings import HostSettings
from sparring.rpc.mounts import mount
from sparring.rpc.server import Server
from sparring.rpc.streams import refused
from sparring.types.errors import FailedPreconditionError

OWN_SLOTS = "sparring.simulation.server.entry:make_slot"
CONTROLLERS = (
    ("sparring.simulation:VanillaSimulationController", "controller"),
    ("sparring.simulation:TakingTurnsSimulationController", "controller"),
)


class SimulationServicer(pb_grpc.SimulationServiceServicer):
    """The service on the host's own listener: rollout workers live in slots, reached by their grants."""

    async def Run(self, request_iterator: AsyncIterator[pb.RunRequest], context: Any) -> AsyncIterator[pb.RunResponse]:
        """Refuse: a rollout worker is reached by its grant."""
        problem = "A rollout worker needs a grant of the broker; start it at the grant's endpoint."
        async for answer in refused(FailedPreconditionError("GRANT_NEEDED", problem)):
            yield answer


def make_pool(settings: HostSettings, entry: str, search_paths: Sequence[str] = ()) -> SlotPool:
    """Make the slots; nothing is spawned before they run. Inline author code runs in the step loop itself: no grace."""
    return service.make_pool(settings, entry, search_paths, inside=True)


@asynccontextmanager
async def simulation_host(
    settings: HostSettings,
    *,
    pool: SlotPool | None = None,
    entry: str = OWN_SLOTS,
    announced: Sequence[tuple[str, str]] = (),
    stop: asyncio.Event | None = None,
) -> AsyncIterator[Server]:
    """Host rollout workers for the length of the block.

    Args:
        settings: Of the service.
        pool: Slots that run already; None makes them.
        entry: `module:function` of the slots that are made; another one may run inline components as well.
        announced: (name, role) of the author classes that it can run inline.
        stop: See `rpc.server.running`.
    """
    async with AsyncExitStack() as stack:
        if pool is None:  # first, for processes take time to start
            pool = await stack.enter_async_context(make_pool(settings, entry).running())
        mounts = [mount(SimulationServicer())]
        everything = (*CONTROLLERS, *announced)
        yield await stack.enter_async_context(service.hosting("simulation", settings, pool, mounts, everything, stop))
