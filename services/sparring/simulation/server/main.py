"""Simulation host process. Settings: SPARRING_SIMULATION_* (see settings.py)."""

from __future__ import annotations

from sparring.rpc import grpc_environment  # first: sets what gRPC reads when it is imported

grpc_environment.prepare()

import asyncio  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from typing import Any  # noqa: E402

from sparring.rpc.logs import configure  # noqa: E402
from sparring.rpc.settings import load  # noqa: E402
from sparring.rpc.signals import stop_on_signal  # noqa: E402
from sparring.simulation.server.host import make_pool, simulation_host  # noqa: E402
from sparring.simulation.server.settings import Settings  # noqa: E402


async def serve(settings: Settings, announced: Sequence[tuple[str, str]] = ()) -> None:
    """Serve until SIGTERM, then drain."""
    stop = stop_on_signal()  # first: a signal must never find no handler
    async with (
        make_pool(settings, settings.slot_entry).running() as pool,
        simulation_host(settings, pool, announced=announced, stop=stop),
    ):
        await stop.wait()


def main(**given: Any) -> None:
    """Run the service; `given` are settings from the command line."""
    configure()
    asyncio.run(serve(load(Settings, **given)))


if __name__ == "__main__":
    main()
