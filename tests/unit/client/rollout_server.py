"""A hand-written simulation service on port 0 for the control stream, whose behaviour each test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.api.simulation.v1 import simulation_service_pb2_grpc as pb_grpc
from sparring.rpc.mounts import mount
from sparring.rpc.server import running
from sparring.types.errors import NotFoundError, SparringError
from sparring.types.plan import Grant

TOKEN = "0a" * 16


class RolloutServer(pb_grpc.SimulationServiceServicer):
    """One rollout worker.

    Attributes:
        streams: What came on each stream.
        told: What the worker has told so far: told again after Attach.
        tell: What it is to tell next; an error ends the stream, None breaks it off.
        started: Whether there is a session.
        deaf: Numbers of streams that break off before anything is carried out.
    """

    def __init__(self) -> None:
        self.streams: list[list[pb.RunRequest]] = []
        self.told: list[pb.RunResponse] = []
        self.tell: asyncio.Queue[pb.RunResponse | SparringError | None] = asyncio.Queue()
        self.started = False
        self.deaf: set[int] = set()
        self.address = ""

    @property
    def grant(self) -> Grant:
        return Grant(TOKEN, "simulation-1", "simulation", self.address)

    def kinds(self, stream: int) -> list[str]:
        if stream >= len(self.streams):
            return []
        return [str(request.WhichOneof("kind")) for request in self.streams[stream]]

    async def Run(self, request_iterator: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:  # type: ignore[override]
        number = len(self.streams)
        heard: list[pb.RunRequest] = []
        self.streams.append(heard)
        if number in self.deaf:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        heard.append(await anext(aiter(request_iterator)))
        if heard[0].HasField("attach"):
            if not self.started:
                raise NotFoundError("SESSION_UNKNOWN", "There is no such rollout worker here.")
            yield pb.RunResponse(attached={})
            for response in self.told:
                yield response
        self.started = True

        async def listen() -> None:
            async for request in request_iterator:
                heard.append(request)

        listening = asyncio.create_task(listen())
        try:
            while True:
                message = await self.tell.get()
                if message is None:
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
                if isinstance(message, SparringError):
                    raise message
                self.told.append(message)
                yield message
                if message.HasField("ended"):
                    return
        finally:
            listening.cancel()


@contextlib.asynccontextmanager
async def rollout_server() -> AsyncIterator[RolloutServer]:
    """Serve for the length of the block."""
    servicer = RolloutServer()
    async with running("127.0.0.1:0", [mount(servicer)], name="simulation", drain_s=0.0) as server:
        servicer.address = str(server.address)
        yield servicer
