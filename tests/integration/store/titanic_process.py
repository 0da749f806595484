"""A store with Titanic in a process of its own, to be killed by tests: registered at a broker until then."""

import asyncio
import sys
from pathlib import Path

import sparring.rpc.grpc_environment  # noqa: F401 - before anything that imports grpc
from sparring.client.access import NO_ACCESS
from sparring.client.connector import registered
from sparring.rpc import server
from sparring.rpc.mounts import mount
from sparring.store.titanic.composition import dispatching, keeping


async def main(directory: Path, broker: str) -> None:
    """Serve."""
    async with (
        keeping(directory) as titanic,
        server.running("127.0.0.1:0", [mount(titanic.servicer)], name="store") as served,
        registered(broker=broker, service="store", target=str(served.address), calls=16),
        dispatching(
            titanic, broker=broker, target=str(served.address), access=NO_ACCESS, lease_s=0.6, look_every_s=0.1
        ),
    ):
        sys.stdout.write(f"{served.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
