"""Documents that are submitted while no governor is there: kept, shown, carried out when one comes, or given up."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sparring.cli.access.connection import Connection, connected
from sparring.cli.playing.interrupts import Interrupts
from sparring.cli.playing.json_lines import JsonLines
from sparring.cli.playing.options import RunOptions
from sparring.cli.playing.session import Session
from sparring.cli.showing.runs_table import run_to_json, runs_table
from sparring.types.errors import InvalidArgumentError
from tests.support.eventually import eventually
from tests.unit.cli import fake_system as fake
from tests.unit.cli.fake_system import FakeSystem, serving
from tests.unit.cli.fake_titanic import JOB
from tests.unit.cli.samples import DOCUMENT, console, printed


class Ungoverned:
    """A system without a governor, and commands over it."""

    def __init__(self, system: FakeSystem, address: str, file: Path) -> None:
        self.system, self._address, self._file = system, address, file
        self.out = io.StringIO()
        self.interrupts = Interrupts(end=lambda: pytest.fail("ended at once"))

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    async def run(self, *, detach: bool = False, resume: str = "") -> int:
        options = RunOptions(store="data", connect=self._address, json=True, detach=detach, resume=resume)
        with self.interrupts.handled():
            session = Session(options, JsonLines(self.out), self.interrupts)
            return await session.play(() if resume else (str(self._file),))

    async def notice(self) -> str:
        def noticed() -> str:
            return next((event["message"] for event in self.events if event["event"] == "notice"), "")

        return await eventually(noticed)


@pytest.fixture
async def ungoverned(tmp_path: Path) -> AsyncIterator[Ungoverned]:
    system = FakeSystem([fake.transition(1, fake.run_message(), "begun")], fake.finished())
    system.governed.clear()
    file = tmp_path / "dummy.yml"
    file.write_text(DOCUMENT)
    async with asyncio.timeout(30), serving(system) as address:
        yield Ungoverned(system, address, file)


@pytest.fixture
async def connection(ungoverned: Ungoverned) -> AsyncIterator[Connection]:
    async with connected(ungoverned._address) as found:
        yield found


async def test_a_run_waits_for_a_governor_and_is_watched_to_its_end(ungoverned: Ungoverned) -> None:
    running = asyncio.ensure_future(ungoverned.run())
    assert await ungoverned.notice() == f"Submitted as {JOB}; no governor yet. It begins when one comes."
    assert ungoverned.system.started == []
    ungoverned.system.governed.set()
    assert await running == 0
    assert (ungoverned.events[-1]["status"], ungoverned.events[-1]["run"]) == ("finished", fake.RUN)


async def test_detached_it_is_submitted_under_its_own_name(ungoverned: Ungoverned) -> None:
    assert await ungoverned.run(detach=True) == 0
    summary = ungoverned.events[-1]
    assert (summary["status"], summary["run"], summary["seed"]) == ("submitted", JOB, 42)


async def test_a_document_that_the_governor_refuses_later_is_refused(ungoverned: Ungoverned) -> None:
    ungoverned.system.refusal = InvalidArgumentError("DOCUMENT_INVALID", "no such class")
    running = asyncio.ensure_future(ungoverned.run())
    await ungoverned.notice()
    ungoverned.system.governed.set()
    assert await running == 2
    assert ungoverned.events[-1]["error"] == {"reason": "DOCUMENT_INVALID", "message": "no such class"}


async def test_it_is_listed_and_shown_as_waiting(ungoverned: Ungoverned, connection: Connection) -> None:
    await ungoverned.run(detach=True)
    listed = (await connection.runs(20))[0]
    shown, phases = await connection.run(JOB)
    assert listed == shown
    assert phases == []
    out = console(width=160)
    out.print(runs_table([listed]))
    assert f"{JOB} submitted, no governor yet" in " ".join(printed(out).split())
    content = json.loads(run_to_json(listed))
    assert (content["status"], content["waits_for_governor"], content["seed"]) == ("submitted", True, None)


async def test_its_name_leads_to_its_run(ungoverned: Ungoverned, connection: Connection) -> None:
    await ungoverned.run(detach=True)
    ungoverned.system.governed.set()
    assert [seen async for seen in connection.watch_run(JOB)][-1].run.status == "finished"  # type: ignore[union-attr]
    assert (await connection.run(JOB))[0].run == fake.RUN
    assert all(run.run == fake.RUN for run in await connection.runs(20))


async def test_a_refused_one_stays_listed_with_the_reason(ungoverned: Ungoverned, connection: Connection) -> None:
    await ungoverned.run(detach=True)
    ungoverned.system.refusal = InvalidArgumentError("DOCUMENT_INVALID", "no such class")
    ungoverned.system.governed.set()
    shown, _ = await connection.run(JOB)
    assert (shown.status, shown.error_reason, shown.error_message) == ("failed", "DOCUMENT_INVALID", "no such class")
    assert (await connection.runs(20))[0] == shown


async def test_it_can_be_cancelled(ungoverned: Ungoverned, connection: Connection) -> None:
    await ungoverned.run(detach=True)
    assert (await connection.wish(JOB, "cancel")).status == "cancelled"
    ungoverned.system.governed.set()
    assert (await connection.run(JOB))[0].status == "cancelled"
    assert ungoverned.system.started == []


async def test_ctrl_c_while_it_waits_gives_it_up(ungoverned: Ungoverned, connection: Connection) -> None:
    running = asyncio.ensure_future(ungoverned.run())
    await ungoverned.notice()
    ungoverned.interrupts.interrupt()
    assert await running == 130
    assert ungoverned.events[-1]["status"] == "cancelled"
    assert (await connection.run(JOB))[0].status == "cancelled"


async def test_a_submission_can_be_resumed_by_its_name(ungoverned: Ungoverned) -> None:
    await ungoverned.run(detach=True)
    ungoverned.out.truncate(0)
    ungoverned.out.seek(0)
    running = asyncio.ensure_future(ungoverned.run(resume=JOB))
    assert await ungoverned.notice() == f"{JOB} is submitted; no governor yet. It begins when one comes."
    ungoverned.system.governed.set()
    assert await running == 0


@pytest.mark.parametrize("wish", ["cancel", "pause", "resume"])
async def test_without_a_governor_wishes_are_left_at_the_store(
    wish: Any, ungoverned: Ungoverned, connection: Connection
) -> None:
    await connection.wish(fake.RUN, wish)
    assert ungoverned.system.wishes == [f"store: WISH_{wish.upper()}"]
