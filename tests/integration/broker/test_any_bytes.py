"""Any bytes on any stream of a broker process, seeded: each gets one clear status, and the others are served."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import grpc
import pytest

from sparring.api.broker.v1 import broker_service_pb2 as pb
from tests.integration.broker.broker_process import BrokerProcess, broker_process
from tests.integration.broker.callers import calling
from tests.integration.broker.raw_worker import RawWorker
from tests.unit.broker.any_bytes import WORK, AnyBytes

SEED: Final = 11
WORK_STREAMS: Final = 12_000
CALLS: Final = 18_000
AT_ONCE: Final = 48
CONNECTIONS: Final = 4
WAIT_S: Final = 0.1
OVERSIZED: Final = 65 * 2**20

CLEAR: Final = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
"""What a client that asks for nonsense may be told. INTERNAL and UNKNOWN would be ours."""


@pytest.fixture
async def broker() -> AsyncIterator[BrokerProcess]:
    async with broker_process(SERVICE_WAIT_S="0.05") as process:
        yield process


@contextlib.asynccontextmanager
async def connections(broker: BrokerProcess) -> AsyncIterator[list[grpc.aio.Channel]]:
    options = (("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1))
    async with contextlib.AsyncExitStack() as opened:
        yield [
            await opened.enter_async_context(grpc.aio.insecure_channel(broker.address, options=options))
            for _ in range(CONNECTIONS)
        ]


async def told(count: int, ask: Callable[[int], Coroutine[Any, Any, str]]) -> Counter[str]:
    """Ask so many times, some at once; return how often there was which answer."""
    numbers, answers = iter(range(count)), Counter[str]()

    async def client() -> None:
        for number in numbers:
            async with asyncio.timeout(20):
                answers[await ask(number)] += 1

    async with asyncio.TaskGroup() as clients:
        for _ in range(AT_ONCE):
            clients.create_task(client())
    return answers


async def still_serves(broker: BrokerProcess) -> None:
    async with grpc.aio.insecure_channel(broker.address) as channel:
        worker = await RawWorker(channel).ready("still-there", "another")
        running = calling(channel, service="still-there")
        await worker.answer(b"yes")
        assert await running == b"yes"
    assert await broker.terminated() == 0


@pytest.mark.obligation(12)
@pytest.mark.obligation(34)
async def test_any_bytes_on_work_streams(broker: BrokerProcess) -> None:
    anything = AnyBytes(SEED)
    async with connections(broker) as channels:

        async def ask(number: int) -> str:
            return await _worker_said(channels[number % CONNECTIONS], anything.worker_stream())

        answers = await told(WORK_STREAMS, ask)
    assert sum(answers.values()) == WORK_STREAMS
    assert set(answers) <= {"OK", "INVALID_ARGUMENT", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED", "ended"}, answers
    assert answers["ended"] < WORK_STREAMS / 2, answers  # the busier the machine, the more
    await still_serves(broker)


@pytest.mark.obligation(12)
async def test_any_bytes_as_calls(broker: BrokerProcess) -> None:
    anything = AnyBytes(SEED)
    async with connections(broker) as channels:

        async def ask(number: int) -> str:
            case = anything.call()
            call: Any = channels[number % CONNECTIONS].unary_stream(case.method)(
                case.body, metadata=case.metadata, timeout=WAIT_S
            )
            code = await call.code()
            return str(code.name)

        answers = await told(CALLS, ask)
    assert sum(answers.values()) == CALLS
    assert set(answers) <= {code.name for code in CLEAR}, answers
    await still_serves(broker)


@pytest.mark.obligation(12)
async def test_oversized_messages(broker: BrokerProcess) -> None:
    async with connections(broker) as channels:
        for method in (WORK.replace("Work", "CallUnary"), WORK.replace("Work", "Acquire"), "/test.Echo/Say"):
            call: Any = channels[0].unary_stream(method)(
                bytes(OVERSIZED), metadata=(("sparring-service", "echo"),), timeout=20
            )
            assert await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await still_serves(broker)


async def _worker_said(channel: grpc.aio.Channel, messages: list[bytes]) -> str:
    call: Any = channel.stream_stream(WORK)()
    with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        for message in messages:
            if not call.done():
                await call.write(message)
        await call.done_writing()
        while (answer := await call.read()) is not grpc.aio.EOF:
            pb.WorkResponse.FromString(answer)
    code, details = await call.code(), await call.details()
    # grpc.aio says this itself, instead of the status, when a client writes to a stream that its server has ended.
    return "ended" if details == "Internal error from Core" else str(code.name)
