"""A hand-written brain host on port 0 for the owner's stream, whose behaviour each test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import grpc

from sparring.codec.brain_frames import BrainFrames
from sparring.codec.session import Attach, Attached
from sparring.codec.values import Chunks
from sparring.rpc.mounts import Mount
from sparring.rpc.server import running
from sparring.types.declaration import Component, FreeValue
from sparring.types.errors import NotFoundError
from sparring.types.frames import Policy, ShutDown, Shutdown
from sparring.types.learning import BrainStarted, Learn, Learned, Learning, Save, Saved, StartBrain
from sparring.types.mode import Mode
from sparring.types.plan import Grant

SERVICE = "sparring.api.agent.v1.BrainService"
TOKEN = "b7" * 16
STATE = FreeValue("application/octet-stream", bytes(range(256)) * (5 << 11))


def start() -> StartBrain:
    return StartBrain(Component("dummy", {}), Component("", {}), "defender", (), (), 5, Mode.TRAIN, Learning.EPISODE)


def answer(request: Any) -> Any:
    match request:
        case StartBrain():
            return BrainStarted(True, Policy(0, STATE))
        case Learn(round=number):
            return Learned(Policy(number + 1, STATE))
        case Save():
            return Saved(STATE, (), 3)
        case Shutdown():
            return ShutDown()
    raise AssertionError(request)


class OwnerServer:
    """Serves the owner's stream.

    Attributes:
        applied: Every request that was carried out, with its epoch.
        attached: The numbers that Attach frames brought.
        breaks: Numbers of requests whose answer is lost with the stream, once each.
        answers: What to say to a request; may raise. A coroutine is awaited.
    """

    def __init__(self) -> None:
        self.applied: list[tuple[int, Any]] = []
        self.attached: list[int] = []
        self.breaks: set[int] = set()
        self.answers: Callable[[Any], Any] = answer
        self.last = 0
        self.address = ""
        self._cached: Sequence[bytes] = ()

    @property
    def grant(self) -> Grant:
        return Grant(TOKEN, "agent-1", "agent", self.address)

    async def serve(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        codec, chunks = BrainFrames(), Chunks()
        async for data in requests:
            number, frame = codec.decode_request(data, chunks)
            if frame is None:
                continue
            for message in await self._carry_out(codec, number, frame):
                yield message
            if number in self.breaks:
                self.breaks.remove(number)
                await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    async def _carry_out(self, codec: BrainFrames, number: int, frame: Any) -> Sequence[bytes]:
        if isinstance(frame, Attach):
            if frame.token != TOKEN or not self.last:
                raise NotFoundError("SESSION_UNKNOWN", "There is no such brain here.")
            self.attached.append(frame.last_sequence)
            return codec.encode_response(0, Attached(self.last))
        if number != self.last:
            self.applied.append((codec.epoch, frame))
            answered = self.answers(frame)
            self._cached = codec.encode_response(number, await answered if asyncio.iscoroutine(answered) else answered)
            self.last = number
        return () if number in self.breaks else self._cached


@contextlib.asynccontextmanager
async def owned() -> AsyncIterator[OwnerServer]:
    """Serve for the length of the block."""
    server = OwnerServer()
    handler = grpc.method_handlers_generic_handler(
        SERVICE, {"BrainSession": grpc.stream_stream_rpc_method_handler(server.serve)}
    )
    mount = Mount((handler,), (SERVICE,), frozenset({f"/{SERVICE}/BrainSession"}))
    async with running("127.0.0.1:0", [mount], name="agent", drain_s=0.0) as running_server:
        server.address = str(running_server.address)
        yield server
