"""A store in a process of its own, to be killed by tests: prints its port and serves until then."""

import asyncio
import sys
from pathlib import Path

import sparring.rpc.grpc_environment  # noqa: F401 - before anything that imports grpc
from sparring.rpc import server
from sparring.rpc.mounts import mount
from sparring.store.composition import composed


async def main(directory: Path) -> None:
    """Serve."""
    async with (
        composed(directory, group_s=0.01) as servicer,
        server.running("127.0.0.1:0", [mount(servicer)], name="store") as served,
    ):
        sys.stdout.write(f"{served.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
