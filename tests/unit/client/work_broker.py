"""A hand-written broker on port 0 that lets each test hold the conversations with workers itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import broker_service_pb2_grpc as pb_grpc
from sparring.codec.version import MAJOR
from sparring.rpc.mounts import mount
from sparring.rpc.server import Server, running
from sparring.types.errors import SparringError
from tests.support.eventually import eventually


@dataclass
class Talk:
    """One conversation: what the worker said, and what it is to be told (None ends it)."""

    heard: list[pb.WorkRequest] = field(default_factory=list)
    tell: asyncio.Queue[pb.WorkResponse | SparringError | None] = field(default_factory=asyncio.Queue)
    metadata: dict[str, str] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ready(self) -> pb.Ready:
        return self.heard[0].ready

    def of(self, kind: str) -> list[Any]:
        """Return what was heard of one kind."""
        return [getattr(message, kind) for message in self.heard if message.WhichOneof("kind") == kind]

    async def next(self, kind: str, count: int = 1) -> Any:
        """Wait until so many of a kind were heard; return the last one."""
        await eventually(lambda: len(self.of(kind)) >= count, message=f"{count} of {kind}")
        return self.of(kind)[count - 1]

    def say(self, **kind: Any) -> None:
        self.tell.put_nowait(pb.WorkResponse(**kind))

    def welcome(self, interval_s: float = 30.0, liveness: int = 3, broker_id: str = "b1", major: int = MAJOR) -> None:
        welcome = pb.Welcome(lease_id="lease", broker_id=broker_id)
        welcome.version.major = major
        welcome.rates.liveness = liveness
        welcome.rates.heartbeat_interval.FromNanoseconds(round(interval_s * 1e9))
        self.say(welcome=welcome)

    def request(self, request_id: str, method: str, body: bytes = b"", **options: Any) -> None:
        self.say(request=pb.Request(request_id=request_id, method=method, body=body, attempt=1, **options))


class WorkBroker(pb_grpc.BrokerServiceServicer):
    """Keeps what is said on Work streams."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.welcoming: dict[str, Any] | None = {}
        self.server: Server | None = None

    @property
    def address(self) -> str:
        assert self.server is not None
        return str(self.server.address)

    async def talk(self, number: int = 1) -> Talk:
        """Wait for a conversation, counted from 1, that has begun with Ready."""
        await eventually(lambda: len(self.talks) >= number and self.talks[number - 1].heard)
        return self.talks[number - 1]

    async def Work(self, request_iterator: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:  # type: ignore[override]
        talk = Talk(metadata={key: str(value) for key, value in context.invocation_metadata()})
        self.talks.append(talk)
        if self.welcoming is not None:
            talk.welcome(**self.welcoming)

        async def listen() -> None:
            async for request in request_iterator:
                talk.heard.append(request)
            talk.tell.put_nowait(None)

        listening = asyncio.create_task(listen())
        try:
            while (message := await talk.tell.get()) is not None:
                if isinstance(message, SparringError):
                    raise message
                yield message
        finally:
            listening.cancel()
            talk.over.set()


@contextlib.asynccontextmanager
async def work_broker(address: str = "127.0.0.1:0") -> AsyncIterator[WorkBroker]:
    """Serve for the length of the block."""
    broker = WorkBroker()
    async with running(address, [mount(broker)], name="broker", drain_s=0.0) as server:
        broker.server = server
        yield broker
