"""Titanic behind a real broker: RFC 9's three services, and every moment at which its process may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sparring.api.store.v1 import job_pb2
from sparring.api.store.v1 import titanic_service_pb2 as pb
from sparring.broker.serving import running_broker
from sparring.broker.settings import BrokerSettings
from sparring.client.broker_client import BrokerClient
from sparring.client.connector import registered
from sparring.client.titanic import TitanicClient, Wanted
from sparring.rpc.channels import Channel, open_channel
from sparring.store.titanic.composition import keeping
from sparring.store.titanic.orders import Quota
from sparring.types.errors import (
    AbortedError,
    InvalidArgumentError,
    NotFoundError,
    UnavailableError,
)
from tests.support.eventually import eventually
from tests.support.ports import lasting_port

ROOT = Path(__file__).parents[3]
WITHIN_S = 30.0
WISH = Wanted("wish", "echo", "", b"hello")


@dataclass
class Echo:
    """A worker's answers: after `gate` is opened, and with what `fails` lists first."""

    asked: list[bytes] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fails: list[Exception] = field(default_factory=list)

    async def answer(self, body: bytes) -> bytes:
        self.asked.append(body)
        if self.fails:
            raise self.fails.pop(0)
        await self.gate.wait()
        return body.upper()

    @contextlib.asynccontextmanager
    async def registered(self, broker: str) -> AsyncIterator[None]:
        async with registered(broker=broker, service="echo", target="127.0.0.1:1", answer=self.answer) as connector:
            async with asyncio.timeout(WITHIN_S):
                await connector.wait_registered()
            yield


@dataclass
class System:
    """A broker in this process, Titanic in one that can be killed."""

    broker: str
    directory: Path
    channel: Channel
    titanic: TitanicClient
    serving: contextlib.AsyncExitStack
    process: asyncio.subprocess.Process | None = None

    async def serve(self) -> None:
        """Have a broker, at the address that it had before."""
        await self.serving.enter_async_context(running_broker(_settings(self.broker)))

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.store.titanic_process", str(self.directory), self.broker),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'services'}{os.pathsep}{ROOT}", "SPARRING_LOG_LEVEL": "ERROR"},
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert await asyncio.wait_for(self.process.stdout.readline(), WITHIN_S)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def reply(self, job: str) -> bytes:
        """Wait for the reply."""
        async with asyncio.timeout(WITHIN_S):
            async for _ in self.titanic.watch(job):
                continue
            return await self.titanic.reply(job) or b""

    async def state(self, job: str) -> str:
        [found] = [each for each in await self.titanic.list_jobs(ended=True) if each.job == job]
        return job_pb2.Job.State.Name(found.state).removeprefix("STATE_")


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with contextlib.AsyncExitStack() as serving:
        server = await serving.enter_async_context(running_broker(_settings(f"127.0.0.1:{lasting_port()}")))
        channel = open_channel(str(server.address))
        made = System(str(server.address), tmp_path / "data", channel, TitanicClient(channel), serving)
        await made.start()
        try:
            yield made
        finally:
            await made.kill()
            await channel.close()


def _settings(address: str) -> BrokerSettings:
    return BrokerSettings(address=address, heartbeat_s=0.2, drain_s=0.5)


@pytest.mark.obligation(32)
async def test_the_three_services_of_the_rfc_answer_with_its_codes(system: System) -> None:
    client, echo = BrokerClient(system.channel), Echo()
    echo.gate.set()

    async def ask(service: str, request: bytes) -> bytes:
        async with asyncio.timeout(WITHIN_S):
            return b"".join([body async for body in client.call(service, request)])

    async def fetched(job: str) -> pb.FetchReplyResponse:
        request = pb.FetchReplyRequest(job=job).SerializeToString()
        return pb.FetchReplyResponse.FromString(await ask("titanic.reply", request))

    wanted = pb.SubmitJobRequest(service="echo", body=b"hello").SerializeToString()
    submitted = pb.SubmitJobResponse.FromString(await ask("titanic.request", wanted))
    assert submitted.status == 200
    assert re.fullmatch(r"[0-9a-f]{32}", submitted.job)
    assert (await fetched(submitted.job)).status == 300
    async with echo.registered(system.broker):
        await system.reply(submitted.job)
    for _ in range(2):
        answer = await fetched(submitted.job)
        assert (answer.status, answer.body) == (200, b"HELLO")
    closing = pb.CloseJobRequest(job=submitted.job).SerializeToString()
    for _ in range(2):
        assert pb.CloseJobResponse.FromString(await ask("titanic.close", closing)).status == 200
    assert (await fetched(submitted.job)).status == 400
    assert echo.asked == [b"hello"]


async def test_a_body_that_is_no_request_is_refused(system: System) -> None:
    client = BrokerClient(system.channel)
    with pytest.raises(InvalidArgumentError) as caught:
        _ = [body async for body in client.call("titanic.request", b"\xff\xff")]
    assert caught.value.reason == "MALFORMED_REQUEST"


@pytest.mark.obligation(32)
async def test_killed_between_storing_and_dispatching_a_job_is_carried_out_once(system: System) -> None:
    job = await system.titanic.submit(WISH)
    await system.kill()
    await system.start()
    assert await system.titanic.submit(WISH) == job
    echo = Echo()
    echo.gate.set()
    async with echo.registered(system.broker):
        assert await system.reply(job) == b"HELLO"
        assert await system.titanic.submit(WISH) == job
        assert await system.titanic.reply(job) == b"HELLO"
    assert echo.asked == [b"hello"]


@pytest.mark.obligation(32)
async def test_killed_between_dispatching_and_the_reply_a_job_is_attempted_again_under_its_name(system: System) -> None:
    echo = Echo()
    async with echo.registered(system.broker):
        job = await system.titanic.submit(WISH)
        await eventually(lambda: echo.asked)
        await system.kill()
        await system.start()

        async def again() -> bool:
            [running] = await system.titanic.list_jobs()
            return running.attempts == 2

        await eventually(again)
        echo.gate.set()
        assert await system.reply(job) == b"HELLO"
    assert echo.asked == [b"hello"]  # the broker knew the call by its name: the worker was not asked twice


@pytest.mark.obligation(32)
async def test_killed_after_the_reply_it_is_there_again(system: System) -> None:
    echo = Echo()
    echo.gate.set()
    async with echo.registered(system.broker):
        job = await system.titanic.submit(WISH)
        assert await system.reply(job) == b"HELLO"
        await system.kill()
        await system.start()
        assert await system.titanic.reply(job) == b"HELLO"
        await system.titanic.close(job)
        assert await system.titanic.submit(WISH) == job  # closed, and still the same wish: not carried out again
        with pytest.raises(NotFoundError):
            await system.titanic.reply(job)
    assert echo.asked == [b"hello"]


@pytest.mark.obligation(32)
async def test_a_broker_that_was_restarted_is_asked_again(system: System) -> None:
    echo = Echo()
    async with echo.registered(system.broker):
        job = await system.titanic.submit(WISH)
        await eventually(lambda: echo.asked)
        await system.serving.aclose()
        await system.serve()
        await eventually(lambda: len(echo.asked) == 2, within_s=WITHIN_S)  # at least once: it may have been done
        echo.gate.set()
        assert await system.reply(job) == b"HELLO"


async def test_passing_failures_are_attempted_again_and_refusals_are_the_reply(system: System) -> None:
    passing: list[Exception] = [UnavailableError("BUSY", "not now"), AbortedError("RACE", "again")]
    echo = Echo(fails=[*passing, InvalidArgumentError("JOB_INVALID", "never", field="body")])
    async with echo.registered(system.broker):
        job = await system.titanic.submit(WISH)
        with pytest.raises(InvalidArgumentError) as caught:
            await system.reply(job)
    assert (caught.value.reason, caught.value.message, caught.value.metadata) == (
        "JOB_INVALID",
        "never",
        {"field": "body"},
    )
    assert len(echo.asked) == 3


async def test_a_running_job_that_is_cancelled_has_no_reply(system: System) -> None:
    echo = Echo()
    async with echo.registered(system.broker):
        job = await system.titanic.submit(WISH)
        await eventually(lambda: echo.asked)
        assert (await system.titanic.cancel(job)).state == job_pb2.Job.STATE_CANCELLED
        echo.gate.set()
        with pytest.raises(NotFoundError):
            await system.titanic.reply(job)


async def test_a_job_waits_for_its_service_and_says_so(system: System) -> None:
    job = await system.titanic.submit(WISH)

    async def waits() -> bool:
        return await system.state(job) == "WAITING"

    await eventually(waits)
    [listed] = await system.titanic.list_jobs("echo")
    assert (listed.job, listed.attempts) == (job, 0)


async def test_a_full_queue_is_refused_in_the_body(tmp_path: Path) -> None:
    async with keeping(tmp_path / "data", quota=Quota(open=1)) as titanic:
        request = pb.SubmitJobRequest(service="echo", body=b"hello")
        assert (await titanic.servicer.SubmitJob(request, None)).status == 200
        refused = await titanic.servicer.SubmitJob(request, None)
        assert (refused.status, refused.reason) == (500, "JOBS_FULL")
        wrong = await titanic.servicer.SubmitJob(pb.SubmitJobRequest(service="mmi.service"), None)
        assert (wrong.status, wrong.reason) == (400, "JOB_INVALID")
