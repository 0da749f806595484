"""Real workers and clients that lose their broker, or are told to go, come back by themselves (rows 13, 22, 32)."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

import sparring.broker
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.connector import registered
from sparring.rpc.channels import open_channel
from sparring.rpc.server import Server
from sparring.types.errors import UnavailableError
from tests.support.eventually import eventually
from tests.unit.client.target_service import SERVICE, Target, targeted

KEEPERS = {"sqlite3", "sqlalchemy", "shelve", "pickle", "dbm", "tempfile", "mmap"}
WRITERS = {"write_text", "write_bytes", "mkdir", "touch", "fdopen"}
ECHO = (("sparring-service", "echo"),)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    async with targeted() as target:
        yield target


@contextlib.asynccontextmanager
async def broker_at(port: int = 0) -> AsyncIterator[Server]:
    settings = BrokerSettings(address=f"127.0.0.1:{port}", heartbeat_s=0.2, drain_s=0.2)
    async with running_broker(settings) as server:
        yield server


async def said(channel: grpc.aio.Channel) -> bool:
    call: Any = channel.unary_unary(f"/{SERVICE}/Say")
    return bool(await call(b"x", metadata=ECHO, timeout=5) == b"xx")


@pytest.mark.obligation(13)
@pytest.mark.obligation(22)
@pytest.mark.obligation(32)
async def test_after_a_restart_of_the_broker_worker_and_client_are_back_without_a_manual_step(target: Target) -> None:
    async with contextlib.AsyncExitStack() as lasting:
        async with broker_at() as first:
            address = f"127.0.0.1:{first.port}"
            channel = await lasting.enter_async_context(open_channel(address, retries=False))
            connector = await lasting.enter_async_context(
                registered(broker=address, service="echo", target=target.address)
            )
            assert await said(channel)
            worker_id = connector.worker.worker_id
        async with broker_at(first.port):

            async def again() -> bool:
                with contextlib.suppress(UnavailableError):
                    return await said(channel)
                return False

            await eventually(again, message="a call through the second broker")
            assert connector.registered
            assert connector.worker.worker_id == worker_id


@pytest.mark.obligation(32)
def test_the_broker_keeps_nothing_on_disk() -> None:
    files = sorted(Path(next(iter(sparring.broker.__path__))).rglob("*.py"))
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {each.name for each in node.names} | {getattr(node, "module", "") or ""}
                assert not {name.split(".")[0] for name in names} & KEEPERS, f"{path.name} imports {names}"
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                assert called not in WRITERS, f"{path.name} calls {called}"
                assert getattr(node.func, "id", "") != "open", f"{path.name} opens a file"
