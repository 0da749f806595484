"""A broker in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

ROOT = Path(__file__).parents[3]


class BrokerProcess:
    """A running broker."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address

    async def terminated(self) -> int:
        """End it; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            return await self.process.wait()


@contextlib.asynccontextmanager
async def broker_process(**variables: str) -> AsyncIterator[BrokerProcess]:
    """Serve for the length of the block; `variables` are settings, without their prefix."""
    given = {"ADDRESS": "127.0.0.1:0", "DRAIN_S": "1", **variables}
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "services"),
        **{f"SPARRING_BROKER_{name}": value for name, value in given.items()},
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sparring.broker", stderr=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stderr is not None
    rest: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(30):
            line = (await process.stderr.readline()).decode()
        found = re.search(r"serves at (\S+?),", line)
        assert found is not None, line
        rest = asyncio.create_task(process.stderr.read())  # what it logs must not fill the pipe
        yield BrokerProcess(process, found[1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        if rest is not None:
            await rest
