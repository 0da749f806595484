"""A plain gRPC service of raw bytes that a connector forwards to, and an admission that holds what it is told to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc

from sparring.rpc.mounts import Mount
from sparring.rpc.server import running
from sparring.types.errors import NotFoundError
from sparring.types.holding import Admitted, OpenSession, Refused, SessionState

SERVICE = "test.Target"


class Target:
    """The service."""

    def __init__(self) -> None:
        self.address = ""
        self.metadata: dict[str, str | bytes] = {}
        self.remaining_s: float | None = None
        self.gate = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.begun = 0

    async def say(self, request: bytes, context: Any) -> bytes:
        self.metadata = dict(context.invocation_metadata())
        self.remaining_s = context.time_remaining()
        return request * 2

    async def count(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        for number in range(int(request)):
            yield str(number).encode()

    async def wait(self, request: bytes, context: Any) -> bytes:
        self.begun += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return request

    async def refuse(self, request: bytes, context: Any) -> bytes:
        raise NotFoundError("THING_UNKNOWN", "There is no such thing.", thing="x")

    async def large(self, request: bytes, context: Any) -> bytes:
        return bytes((64 << 20) - 100)


@contextlib.asynccontextmanager
async def targeted() -> AsyncIterator[Target]:
    target = Target()
    unary = grpc.unary_unary_rpc_method_handler
    handlers = {
        "Say": unary(target.say),
        "Count": grpc.unary_stream_rpc_method_handler(target.count),
        "Wait": unary(target.wait),
        "Refuse": unary(target.refuse),
        "Large": unary(target.large),
    }
    mount = Mount(
        (grpc.method_handlers_generic_handler(SERVICE, handlers),),
        (SERVICE,),
        frozenset(f"/{SERVICE}/{name}" for name in handlers),
    )
    async with running("127.0.0.1:0", [mount], name="target", drain_s=0.0) as server:
        target.address = str(server.address)
        yield target


class Slots:
    """An admission that holds what it is told to."""

    def __init__(self) -> None:
        self.held: list[OpenSession] = []
        self.asked: list[tuple[str, str, str]] = []
        self.withdrawn: list[str] = []
        self.full = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def admit(self, token: str, component: str, expires_s: float, run: str) -> Admitted | Refused:
        self.asked.append((token, component, run))
        await self.gate.wait()
        if self.full:
            return Refused("SLOT_TAKEN", "No room.")
        self.held.append(OpenSession(token, SessionState.EXPECTED, component, run))
        return Admitted("127.0.0.1:5")

    def sessions(self) -> Sequence[OpenSession]:
        return self.held

    async def withdraw(self, token: str) -> None:
        self.withdrawn.append(token)
