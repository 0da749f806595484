"""What comes after the summary: once for each file, and cut short by Ctrl-C."""

import asyncio
import io
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sparring.cli.playing.interrupts import Interrupts
from sparring.cli.playing.json_lines import JsonLines
from sparring.cli.playing.options import RunOptions
from sparring.cli.playing.session import Session
from tests.unit.cli import fake_system as fake
from tests.unit.cli.fake_system import FakeSystem, serving
from tests.unit.cli.samples import DOCUMENT


class Slow(JsonLines):
    """Takes its time when the run has ended."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._lines = io.StringIO()
        super().__init__(self._lines)
        self.finished: list[str] = []
        self._work = work

    @property
    def summaries(self) -> int:
        return self._lines.getvalue().count('"event": "summary"')

    async def afterwards(self) -> None:
        await self._work()
        self.finished.append("afterwards")


async def play(reporter: Slow, folder: Path, *names: str) -> int:
    for name in names:
        (folder / name).write_text(DOCUMENT)
    system = FakeSystem([fake.transition(1, fake.run_message())], fake.finished())
    interrupts = Interrupts(end=lambda: pytest.fail("ended at once"))
    async with serving(system) as address:
        with interrupts.handled():
            options = RunOptions(store="data", connect=address)
            return await Session(options, reporter, interrupts).play([str(folder / name) for name in names])


async def test_every_file_has_its_own_end(tmp_path: Path) -> None:
    async def nothing() -> None:
        pass

    reporter = Slow(nothing)
    assert await play(reporter, tmp_path, "one.yml", "two.yml") == 0
    assert reporter.finished == ["afterwards", "afterwards"]


async def test_ctrl_c_in_the_meantime_cuts_it_short(tmp_path: Path) -> None:
    async def interrupted() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    reporter = Slow(interrupted)
    async with asyncio.timeout(30):
        assert await play(reporter, tmp_path, "one.yml", "two.yml") == 130
    assert reporter.finished == []
    assert reporter.summaries == 1
