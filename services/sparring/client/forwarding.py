"""Forwards calls of the broker to a server: method, metadata and raw bytes; unary and server-streaming alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.client.work_wire import call_metadata, encode_failure
from sparring.rpc.limits import MESSAGE_SIZE_OPTIONS
from sparring.rpc.status import DETAILS_KEY
from sparring.rpc.tokens import METADATA_KEY, token_metadata

if TYPE_CHECKING:
    from sparring.client.connector import Registration

_OURS = ("sparring-service", METADATA_KEY, "user-agent", "te", "content-type")
"""Metadata that concerns the way, not the call."""
MOST_S = 30 * 24 * 3600.0


class Forwarder:
    """The calls that are under way; bounded by what the worker offered, which the broker keeps to."""

    def __init__(self, registration: Registration, say: Callable[[pb.WorkRequest], None]) -> None:
        self._registration = registration
        self._say = say
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._channel: grpc.aio.Channel | None = None

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(self._registration.target, options=MESSAGE_SIZE_OPTIONS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = list(self._calls.values())
        self.cancel_all()
        if tasks:
            await asyncio.wait(tasks)
        if self._channel is not None:
            await self._channel.close()

    def begin(self, request: pb.Request) -> None:
        """Forward a call."""
        task = asyncio.get_running_loop().create_task(self._forward(request), name=f"call {request.request_id}")
        self._calls[request.request_id] = task
        task.add_done_callback(lambda _: self._calls.pop(request.request_id, None))

    def cancel(self, request_id: str) -> None:
        """Break a call off: nobody waits for it."""
        task = self._calls.get(request_id)
        if task is not None:
            task.cancel()

    def cancel_all(self) -> None:
        """Break all calls off."""
        for task in self._calls.values():
            task.cancel()

    async def _forward(self, request: pb.Request) -> None:
        name = request.request_id
        if not request.method or self._channel is None:
            message = "This worker is a gRPC server; calls need a method."
            self._say(encode_failure(name, grpc.StatusCode.UNIMPLEMENTED, message, b""))
            return
        metadata = [entry for entry in call_metadata(request.metadata) if entry[0] not in _OURS]
        if self._registration.token is not None:
            metadata.append(token_metadata(self._registration.token))
        timeout_s = request.timeout.ToNanoseconds() / 1e9 if request.HasField("timeout") else MOST_S
        invoke: Any = self._channel.unary_stream(request.method)
        call = invoke(request.body, timeout=max(0.001, timeout_s), metadata=metadata)
        began = time.monotonic()
        try:
            async for body in call:
                self._say(pb.WorkRequest(partial=pb.Partial(request_id=name, body=body)))
            self._say(pb.WorkRequest(final=pb.Final(request_id=name)))
        except grpc.aio.AioRpcError as error:
            details = dict(error.trailing_metadata() or ()).get(DETAILS_KEY, b"")
            code = error.code()
            if code is grpc.StatusCode.CANCELLED and time.monotonic() - began >= timeout_s:
                code = grpc.StatusCode.DEADLINE_EXCEEDED
            self._say(encode_failure(name, code, error.details() or "", bytes(details)))
        finally:
            call.cancel()
