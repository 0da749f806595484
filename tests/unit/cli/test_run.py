"""`sparring run` on a deployed system: what is submitted, what is told, and the exit codes."""

import asyncio
import contextlib
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sparring.cli.playing.interrupts import Interrupts
from sparring.cli.playing.json_lines import JsonLines
from sparring.cli.playing.options import RunOptions
from sparring.cli.playing.session import Session
from sparring.types.errors import InvalidArgumentError, NotFoundError, UnavailableError
from tests.unit.cli import fake_system as fake
from tests.unit.cli.fake_system import FakeSystem, serving
from tests.unit.cli.samples import DOCUMENT


class Played:
    """One `sparring run --json --connect` with its system."""

    def __init__(self, system: FakeSystem, folder: Path) -> None:
        self.system = system
        self.file = folder / "dummy.yml"
        self.file.write_text(DOCUMENT)
        self.out = io.StringIO()
        self.interrupts = Interrupts(end=lambda: pytest.fail("ended at once"))

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    async def run(self, *files: str, **more: Any) -> int:
        async with serving(self.system) as address:
            options = RunOptions(store="data", connect=address, json=True, **more)
            with self.interrupts.handled():
                session = Session(options, JsonLines(self.out), self.interrupts)
                return await session.play(files or (() if more.get("resume") else (str(self.file),)))


@pytest.fixture
def played(tmp_path: Path) -> Played:
    script = [fake.transition(1, fake.run_message(), "begun"), fake.commit(2), fake.progress()]
    return Played(FakeSystem(script, fake.finished()), tmp_path)


async def test_a_run_that_finishes_is_zero_and_ends_with_the_summary(played: Played) -> None:
    assert await played.run() == 0
    assert [event["event"] for event in played.events] == [
        "started", "state", "episode", "progress", "state", "summary",
    ]  # fmt: skip
    summary = played.events[-1]
    assert (summary["status"], summary["digest"], summary["run"]) == ("finished", "ab" * 32, "dummy-1")
    assert summary["phases"][0]["mean_return"] == 2.5


async def test_calls_are_addressed_to_services_by_name(played: Played) -> None:
    await played.run()
    assert played.system.addressed == {("SubmitJob", "store"), ("WatchRun", "governor"), ("GetRun", "store")}


async def test_the_document_is_submitted_as_it_was_read_with_what_goes_before_it(played: Played) -> None:
    await played.run(seed=7, placement="service")
    (request,) = played.system.started
    assert request.document == DOCUMENT.encode()
    assert (request.seed, request.placement, request.file_name) == (7, "service", str(played.file))
    assert len(request.client_token) >= 32


async def test_without_a_seed_the_document_s_holds(played: Played) -> None:
    await played.run()
    assert played.system.started[0].seed == 42


async def test_what_was_planned_is_told_at_the_start(played: Played) -> None:
    await played.run()
    assert played.events[0]["phases"] == [{"number": 0, "name": "train", "mode": "train", "rollouts": 2, "episodes": 5}]


async def test_a_run_that_fails_is_one_and_says_why(played: Played) -> None:
    played.system.end = fake.failed()
    assert await played.run() == 1
    assert played.events[-1]["status"] == "failed"
    assert played.events[-1]["error"]["reason"] == "AUTHOR_CODE_FAILED"


async def test_a_lost_watch_is_taken_up_again(played: Played) -> None:
    played.system.script.insert(2, UnavailableError("GONE", "The governor is away."))
    assert await played.run() == 0
    assert sum(event["event"] == "episode" for event in played.events) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        InvalidArgumentError("DOCUMENT_INVALID", "dummy.yml:3: schedule: nobody has this sensor"),
        NotFoundError("COMPONENT_UNKNOWN", "No host has announced it."),
    ],
)
async def test_a_document_that_the_governor_refuses_is_two(played: Played, refusal: Any) -> None:
    played.system.refusal = refusal
    assert await played.run() == 2
    assert played.events[-1]["status"] == "refused"
    assert played.events[-1]["error"] == {"reason": refusal.reason, "message": refusal.message}


async def test_a_bad_document_is_two_and_nothing_is_submitted(played: Played) -> None:
    bad = played.file.with_name("bad.yml")
    bad.write_text(DOCUMENT.replace("agents:", "agent:"))
    assert await played.run(str(played.file), str(bad)) == 2
    assert played.system.started == []
    assert played.events[0]["event"] == "problem"
    assert played.events[0]["line"] == 7
    assert played.events[-1]["error"]["reason"] == "DOCUMENT_INVALID"


async def test_nobody_there_is_one(tmp_path: Path) -> None:
    played = Played(FakeSystem(), tmp_path)
    options = RunOptions(store="data", connect="127.0.0.1:1", json=True)
    session = Session(options, JsonLines(played.out), played.interrupts)
    assert await session.play([str(played.file)]) == 1
    assert played.events[-1]["error"]["reason"] == "UNAVAILABLE"


async def test_an_option_that_can_never_work_is_two(tmp_path: Path) -> None:
    played = Played(FakeSystem(), tmp_path)
    session = Session(RunOptions(store="data", connect="nowhere"), JsonLines(played.out), played.interrupts)
    assert await session.play([str(played.file)]) == 2
    assert played.events[-1]["error"]["reason"] == "BAD_ADDRESS"


async def test_files_are_played_one_after_the_other(played: Played) -> None:
    assert await played.run(str(played.file), str(played.file)) == 0
    assert [event["event"] for event in played.events].count("summary") == 2
    assert len(played.system.started) == 2


async def test_detached_only_submits(played: Played) -> None:
    assert await played.run(detach=True) == 0
    assert [event["event"] for event in played.events] == ["started", "summary"]
    assert ("WatchRun", "governor") not in played.system.addressed


async def test_a_run_can_be_resumed_by_name(played: Played) -> None:
    await played.run(detach=True)
    played.out.truncate(0)
    played.out.seek(0)
    assert await played.run(resume="dummy-1") == 0
    assert played.events[0]["event"] == "started"
    assert played.events[-1]["digest"] == "ab" * 32


async def test_resuming_what_is_over_shows_how_it_ended(played: Played) -> None:
    await played.run()
    assert await played.run(resume="latest") == 0
    assert [event["event"] for event in played.events[-2:]] == ["notice", "summary"]


async def test_resuming_an_unknown_run_is_one(played: Played) -> None:
    assert await played.run(resume="nobody-1") == 1
    assert played.events[-1]["error"]["reason"] == "RUN_UNKNOWN"


@contextlib.asynccontextmanager
async def interrupted(played: Played) -> AsyncIterator[None]:
    async def interrupt() -> None:
        await played.system.watching.wait()
        os.kill(os.getpid(), signal.SIGINT)

    async with asyncio.TaskGroup() as group:
        group.create_task(interrupt())
        yield


async def test_ctrl_c_cancels_the_run_and_is_130(played: Played) -> None:
    played.system.end = None
    async with interrupted(played):
        assert await played.run() == 130
    assert played.system.wishes == ["cancel"]
    assert played.events[-1]["status"] == "cancelled"
    assert any(event["event"] == "notice" for event in played.events)


async def test_ctrl_c_leaves_out_the_files_that_follow(played: Played) -> None:
    played.system.end = None
    async with interrupted(played):
        assert await played.run(str(played.file), str(played.file)) == 130
    assert len(played.system.started) == 1


async def test_a_run_that_somebody_else_cancelled_is_130(played: Played) -> None:
    played.system.end = fake.run_message(fake.Status.STATUS_CANCELLED)
    assert await played.run() == 130
    assert played.system.wishes == []
