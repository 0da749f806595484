"""The broker as a process of its own: it starts, ends on SIGTERM, and no message ends it."""

import asyncio
import os
import random
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc
from tests.integration.broker.raw_worker import VERSION, RawWorker

ROOT = Path(__file__).parents[3]
SEED = 4
STREAMS = 150


class Process:
    """A running broker."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address

    async def terminated(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            return await self.process.wait()


@pytest.fixture
async def broker() -> AsyncIterator[Process]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "services"),
        "SPARRING_BROKER_ADDRESS": "127.0.0.1:0",
        "SPARRING_BROKER_DRAIN_S": "1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sparring.broker", stderr=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            line = (await process.stderr.readline()).decode()
        found = re.search(r"serves at (\S+?),", line)
        assert found is not None, line
        yield Process(process, found[1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_sigterm_ends_it_with_zero_and_says_goodbye(broker: Process) -> None:
    async with grpc.aio.insecure_channel(broker.address) as channel:
        worker = await RawWorker(channel).ready()
        terminated = asyncio.create_task(broker.terminated())
        assert (await worker.hear("disconnect")).reason == pb.Disconnect.REASON_SHUTDOWN
        assert await terminated == 0


@pytest.mark.obligation(34)
@pytest.mark.obligation(12)
async def test_no_message_ends_it(broker: Process) -> None:
    """Random bytes and valid messages in a wrong order, seeded: every stream gets a status, the broker goes on."""
    rng = random.Random(SEED)
    async with grpc.aio.insecure_channel(broker.address) as channel:
        statuses = [await _bother(channel, rng) for _ in range(STREAMS)]
        assert set(statuses) <= {
            grpc.StatusCode.OK,
            grpc.StatusCode.INVALID_ARGUMENT,
            grpc.StatusCode.FAILED_PRECONDITION,
        }
        stub: Any = broker_service_pb2_grpc.BrokerServiceStub(channel)
        worker = await RawWorker(channel).ready("still-there", "another")
        calling = stub.CallUnary(pb.CallUnaryRequest(call=pb.CallRequest(service="still-there")), timeout=10)
        running = asyncio.ensure_future(_body(calling))
        await worker.answer(b"yes")
        assert await running == b"yes"
    assert await broker.terminated() == 0


async def _body(call: Any) -> bytes:
    return bytes((await call).body)


async def _bother(channel: grpc.aio.Channel, rng: random.Random) -> grpc.StatusCode:
    call: Any = channel.stream_stream("/sparring.api.broker.v1.BrokerService/Work")()
    try:
        for _ in range(rng.randint(1, 6)):
            await call.write(_message(rng))
        await call.done_writing()
        while await call.read() is not grpc.aio.EOF:
            pass
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        pass
    async with asyncio.timeout(10):
        code: grpc.StatusCode = await call.code()
        details = await call.details()
    # grpc.aio itself says so when a client writes to a stream that its server has ended.
    return grpc.StatusCode.OK if details == "Internal error from Core" else code


def _message(rng: random.Random) -> bytes:
    word = rng.choice(["", "w", "echo", "mmi.service", "b-1.1", "\x00", "x" * 1000])
    body = rng.randbytes(rng.randint(0, 200))
    kinds: list[dict[str, Any]] = [
        {"ready": pb.Ready(version=VERSION, worker_id=word, incarnation=rng.getrandbits(64), service=word, slots=9)},
        {"ready": pb.Ready(version=VERSION, worker_id="w", incarnation=rng.getrandbits(8), service="echo", calls=1)},
        {"heartbeat": pb.Heartbeat(busy_request_ids=[word])},
        {"partial": pb.Partial(request_id=word, body=body)},
        {"final": pb.Final(request_id=word, body=body)},
        {"failure": pb.Failure(request_id=word, code=rng.randint(0, 20), details=body)},
        {"disconnect": pb.Disconnect(message=word)},
        {"admitted": pb.Admitted(token=word)},
        {"refused": pb.Refused(token=word)},
        {"session_ended": pb.SessionEnded()},
        {},
    ]
    data = pb.WorkRequest(**rng.choice(kinds)).SerializeToString()
    match rng.randint(0, 4):
        case 0:
            return body
        case 1:
            return data[: rng.randint(0, len(data))]
        case 2:
            return bytes(byte ^ rng.randint(0, 255) if rng.random() < 0.1 else byte for byte in data)
        case _:
            return data
