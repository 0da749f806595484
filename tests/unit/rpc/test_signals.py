"""SIGTERM at any moment after the first log line ends a service with exit code 0."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

import sparring
from sparring.rpc.channels import open_channel
from tests.unit.rpc.echo import path

ROOT = Path(__file__).parents[3]
WITHIN_S = 20.0


@contextlib.asynccontextmanager
async def service(*arguments: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.rpc.service_process",
        *arguments,
        stderr=PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'services'}{os.pathsep}{ROOT}"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def line(process: Process) -> str:
    assert process.stderr is not None
    return (await asyncio.wait_for(process.stderr.readline(), WITHIN_S)).decode()


async def ended(process: Process) -> tuple[int | None, str]:
    _, said = await asyncio.wait_for(process.communicate(), WITHIN_S)
    return process.returncode, said.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_right_after_the_first_log_line_ends_the_service_well(number: signal.Signals) -> None:
    async with service() as process:
        first = await line(process)
        process.send_signal(number)
        code, said = await ended(process)
    assert code == 0
    assert re.search(
        rf"echo {re.escape(sparring.__version__)} serves at 127\.0\.0\.1:\d+.*, pid {process.pid}\n", first
    )
    assert f"stopping on {number.name}" in said
    assert "echo has stopped" in said
    assert "Traceback" not in said


async def test_a_signal_that_came_before_the_server_ends_it_all_the_same() -> None:
    async with service("stopped") as process:
        code, said = await ended(process)
    assert code == 0
    assert "echo has stopped" in said


async def test_a_stream_that_is_open_at_the_signal_ends_in_its_own_words() -> None:
    async with service() as process:
        first = await line(process)
        found = re.search(r"serves at (\S+),", first)
        assert found is not None
        async with open_channel(found[1], retries=False) as channel:
            call = channel.unary_stream(path("Wait"))(b"", timeout=WITHIN_S)
            assert await call.read() == b"open"
            process.send_signal(signal.SIGTERM)
            assert await call.read() == b"stopped"
            assert await call.read() is grpc.aio.EOF
        assert (await ended(process))[0] == 0


async def test_a_second_sigterm_changes_nothing() -> None:
    async with service() as process:
        await line(process)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert (await ended(process))[0] == 0
