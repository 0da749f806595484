"""`sparring services --watch` on a terminal: one table, drawn over itself each second, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc

from tests.integration.broker.broker_process import broker_process
from tests.integration.broker.raw_worker import RawWorker
from tests.support.eventually import eventually

ROOT = Path(__file__).parents[3]
ONE_LINE_UP = "\x1b[1A"


class Terminal:
    """A command on a terminal of its own, and all that it wrote there."""

    def __init__(self, process: asyncio.subprocess.Process, shown: list[bytes]) -> None:
        self.process = process
        self._shown = shown

    @property
    def text(self) -> str:
        return b"".join(self._shown).decode(errors="replace")


@contextlib.asynccontextmanager
async def terminal(*arguments: str) -> AsyncIterator[Terminal]:
    master, slave = pty.openpty()
    shown: list[bytes] = []
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services"), "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sparring", *arguments, stdin=slave, stdout=slave, stderr=slave, env=environment
    )
    os.close(slave)
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            shown.append(os.read(master, 65536))
        except OSError:  # the other side is closed
            loop.remove_reader(master)

    loop.add_reader(master, read)
    try:
        yield Terminal(process, shown)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        loop.remove_reader(master)
        os.close(master)


async def test_the_table_lives_and_ctrl_c_ends_it() -> None:
    async with broker_process() as broker, grpc.aio.insecure_channel(broker.address) as channel:
        first = await RawWorker(channel).ready("environment", "first", slots=2)
        async with (
            first.beating(0.5),
            terminal("services", "--watch", "--connect", broker.address) as live,
        ):
            await eventually(lambda: "1 service, 1 worker" in live.text, within_s=30, message="the first table")
            await RawWorker(channel).ready("agent", "second", slots=1)
            await eventually(lambda: "2 services, 2 workers" in live.text, within_s=30, message="the second worker")
            assert ONE_LINE_UP in live.text
            drawn = live.text.count("2 services, 2 workers")
            await eventually(
                lambda: live.text.count("2 services, 2 workers") > drawn, message="a table without a change"
            )
            live.process.send_signal(signal.SIGINT)
            async with asyncio.timeout(20):
                assert await live.process.wait() == 130
