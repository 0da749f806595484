"""Carries out the calls that a broker hands to a worker: raw bytes to the service's own listener, replies back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, Self, TypeAlias

import grpc

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.client.access import Access
from sparring.rpc.calling import STREAM_DEADLINE_S, channel_options
from sparring.rpc.limits import MAX_MESSAGE_BYTES
from sparring.rpc.status import DETAILS_KEY, to_status
from sparring.types.errors import InternalError, InvalidArgumentError, SparringError

Reply: TypeAlias = Callable[[pb.WorkRequest], Awaitable[None]]
"""Sends a message to the broker that asked."""
Answer: TypeAlias = Callable[[bytes], Awaitable[bytes]]
"""Answers an MDP request, which names no method."""

MOST_BYTES: Final = MAX_MESSAGE_BYTES - (64 << 10)
"""A reply travels to the broker in an envelope."""
_ALONE_S: Final = 0.02
"""So long after a first reply the end of the call is waited for: a unary call's one reply then is its final one."""

_log = logging.getLogger(__name__)


class Forwarder:
    """Calls one service, method by method as a broker says; use it as a context.

    Args:
        target: host:port of the service's own listener.
        access: Token and TLS material.
        answer: Answers requests without a method; None refuses them.
    """

    def __init__(self, target: str, access: Access, answer: Answer | None = None) -> None:
        self._target = target
        self._access = access
        self._answer = answer
        self._channel: grpc.aio.Channel | None = None

    async def __aenter__(self) -> Self:
        options = channel_options(False, ())
        if self._access.tls is None:
            self._channel = grpc.aio.insecure_channel(self._target, options)
        else:
            self._channel = grpc.aio.secure_channel(self._target, self._access.tls.channel_credentials(), options)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._channel is not None:
            await self._channel.close()

    async def carry_out(self, request: pb.Request, reply: Reply) -> None:
        """Carry out one call. Whatever becomes of it, exactly one final reply or failure is sent, unless cancelled."""
        try:
            if request.method:
                await self._forward(request, reply)
            else:
                await reply(await self._envelope(request))
        except grpc.aio.AioRpcError as error:
            await reply(_failure(request.request_id, error))
        except SparringError as error:
            await reply(failure(request.request_id, error))
        except Exception as error:
            _log.exception("forwarding %s failed", request.method)
            await reply(failure(request.request_id, InternalError("FORWARDING_FAILED", repr(error))))

    async def _envelope(self, request: pb.Request) -> pb.WorkRequest:
        if self._answer is None:
            raise InvalidArgumentError("METHOD_MISSING", "This worker is a gRPC server; calls need a method.")
        return _final(request.request_id, await self._answer(request.body))

    async def _forward(self, request: pb.Request, reply: Reply) -> None:
        assert self._channel is not None
        timeout_s = request.timeout.ToNanoseconds() / 1e9 if request.HasField("timeout") else STREAM_DEADLINE_S
        metadata = (*self._access.metadata, *(_metadata(entry) for entry in request.metadata))
        method: Any = self._channel.unary_stream(request.method)
        call = method(request.body, timeout=min(timeout_s, STREAM_DEADLINE_S), metadata=metadata)
        try:
            await self._pass_on(call, request.request_id, reply)
        finally:
            call.cancel()

    async def _pass_on(self, call: Any, request_id: str, reply: Reply) -> None:
        body = _checked(await call.read())
        if body is None:
            await reply(_final(request_id, None))
            return
        following = asyncio.ensure_future(call.read())
        try:
            await asyncio.wait((following,), timeout=_ALONE_S)
            if following.done() and following.result() is grpc.aio.EOF:
                await reply(_final(request_id, body))
                return
            while body is not None:
                await reply(pb.WorkRequest(partial=pb.Partial(request_id=request_id, body=body)))
                body = _checked(await following)
                if body is not None:
                    following = asyncio.ensure_future(call.read())
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
                await following
        await reply(_final(request_id, None))


def failure(request_id: str, error: SparringError) -> pb.WorkRequest:
    """Write that a call failed."""
    code, message, details = to_status(error)
    return _failed(request_id, code, message, details)


def cancelled(request_id: str) -> pb.WorkRequest:
    """Write that a call was cancelled, as the broker wished: the worker is free for the next."""
    return _failed(request_id, grpc.StatusCode.CANCELLED, "Cancelled: nobody waits for the answer.", b"")


def _failure(request_id: str, error: grpc.aio.AioRpcError) -> pb.WorkRequest:
    """Hand on the service's own status, unread."""
    details = next((value for key, value in error.trailing_metadata() or () if key == DETAILS_KEY), b"")
    return _failed(request_id, error.code(), error.details() or "", details if isinstance(details, bytes) else b"")


def _failed(request_id: str, code: grpc.StatusCode, message: str, details: bytes) -> pb.WorkRequest:
    number: int = code.value[0]
    return pb.WorkRequest(failure=pb.Failure(request_id=request_id, code=number, message=message, details=details))


def _final(request_id: str, body: bytes | None) -> pb.WorkRequest:
    return pb.WorkRequest(final=pb.Final(request_id=request_id, body=body))


def _checked(body: Any) -> bytes | None:
    """Return a reply; None at the end of the call."""
    if body is grpc.aio.EOF:
        return None
    data: bytes = body
    if len(data) > MOST_BYTES:
        raise InvalidArgumentError(
            "MESSAGE_TOO_LARGE",
            f"The reply has {len(data)} bytes; at most {MOST_BYTES} go through a broker. Ask for it in parts.",
            size_bytes=len(data),
            limit_bytes=MOST_BYTES,
        )
    return data


def _metadata(entry: pb.MetadataEntry) -> tuple[str, str | bytes]:
    return entry.key, entry.value if entry.key.endswith("-bin") else entry.value.decode("utf-8", "replace")
