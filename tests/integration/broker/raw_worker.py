"""A Majordomo worker written by hand against the proto: says what it is told to say, hears what there is to hear."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Self

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc, grant_pb2
from sparring.api.space.v1 import session_pb2
from sparring.rpc.server import Server
from sparring.rpc.status import from_status

WITHIN_S = 10.0
VERSION = session_pb2.ProtocolVersion(major=1)


class RawWorker:
    """One Work stream."""

    def __init__(self, channel: grpc.aio.Channel, token: str | None = None) -> None:
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        stub: Any = broker_service_pb2_grpc.BrokerServiceStub(channel)
        self._call = stub.Work(metadata=metadata)
        self._writing = asyncio.Lock()
        self._beating: asyncio.Task[None] | None = None
        self.sessions: list[grant_pb2.OpenSession] = []
        self.busy: list[str] = []

    async def say(self, **kind: Any) -> None:
        """Send one message."""
        async with self._writing:
            await self._call.write(pb.WorkRequest(**kind))

    async def ready(self, service: str = "echo", worker_id: str = "w", **ready: Any) -> Self:
        """Register, and wait for Welcome."""
        given = {"version": VERSION, "worker_id": worker_id, "incarnation": 1, "calls": 1, **ready}
        await self.say(ready=pb.Ready(service=service, **given))
        await self.hear("welcome")
        return self

    async def hear(self, kind: str) -> Any:
        """Return the next message that is no heartbeat; it must be of this kind."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                message = await self._call.read()
                assert message is not grpc.aio.EOF, f"the stream ended before a {kind}: {await self._call.code()}"
                found = message.WhichOneof("kind")
                if found == kind:
                    return getattr(message, kind)
                assert found == "heartbeat", f"expected {kind}, heard {message}"

    async def answer(self, body: bytes | None = b"!") -> pb.Request:
        """Take one request and answer it."""
        request: pb.Request = await self.hear("request")
        await self.say(final=pb.Final(request_id=request.request_id, body=body))
        return request

    async def admit(self, address: str = "127.0.0.1:7777") -> str:
        """Take one offer and admit it; returns its token."""
        offer = await self.hear("offer")
        self.sessions.append(grant_pb2.OpenSession(token=offer.token, state=grant_pb2.OpenSession.STATE_EXPECTED))
        await self.say(admitted=pb.Admitted(token=offer.token, endpoint=grant_pb2.Endpoint(address=address)))
        return str(offer.token)

    async def ended(self) -> tuple[grpc.StatusCode, str]:
        """Read to the end; return the status and the reason of our error, empty for OK."""
        async with asyncio.timeout(WITHIN_S):
            with contextlib.suppress(grpc.aio.AioRpcError):
                while await self._call.read() is not grpc.aio.EOF:
                    pass
            code = await self._call.code()
            trailing = dict(await self._call.trailing_metadata() or ())
            details = trailing.get("grpc-status-details-bin")
            error = from_status(code, await self._call.details(), details)
        return code, "" if code is grpc.StatusCode.OK else error.reason

    async def rest(self) -> list[str]:
        """Read to the end; return the kinds of the messages that came."""
        kinds: list[str] = []
        async with asyncio.timeout(WITHIN_S):
            while (message := await self._call.read()) is not grpc.aio.EOF:
                kinds.append(str(message.WhichOneof("kind")))
        return kinds

    async def half_close(self) -> None:
        """Say nothing more."""
        await self._call.done_writing()

    def break_off(self) -> None:
        """Be gone."""
        self._call.cancel()

    @contextlib.asynccontextmanager
    async def beating(self, every_s: float) -> AsyncIterator[None]:
        """Send heartbeats for the length of the block."""

        async def beat() -> None:
            while True:
                await self.say(heartbeat=pb.Heartbeat(busy_request_ids=self.busy, sessions=self.sessions))
                await asyncio.sleep(every_s)

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


@contextlib.asynccontextmanager
async def raw_channel(broker: Server) -> AsyncIterator[grpc.aio.Channel]:
    """Open a channel that knows nothing of our rules."""
    options = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
    async with grpc.aio.insecure_channel(str(broker.address), options=options) as channel:
        yield channel
