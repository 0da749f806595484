"""The broker as a process of its own: it starts, and ends on SIGTERM (that no message ends it: test_any_bytes)."""

import asyncio

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from tests.integration.broker.broker_process import broker_process
from tests.integration.broker.raw_worker import RawWorker


async def test_sigterm_ends_it_with_zero_and_says_goodbye() -> None:
    async with broker_process() as broker, grpc.aio.insecure_channel(broker.address) as channel:
        worker = await RawWorker(channel).ready()
        terminated = asyncio.create_task(broker.terminated())
        assert (await worker.hear("disconnect")).reason == pb.Disconnect.REASON_SHUTDOWN
        assert await terminated == 0
