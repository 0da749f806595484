"""Hands the frames of a stream on to a slot: for clients that know only the host's own address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import grpc.aio

from sparring.rpc.limits import MESSAGE_SIZE_OPTIONS
from sparring.rpc.status import from_rpc_error

Response = TypeVar("Response")


async def hand_on(
    address: str,
    method: str,
    first: Any,
    requests: AsyncIterator[Any],
    request_kind: type[Any],
    response_kind: type[Response],
) -> AsyncIterator[Response]:
    """Open a stream at a slot, send it what comes, yield what it answers.

    Args:
        address: host:port of the slot.
        method: Full name of the method.
        first: The frame that was read already.
        requests: Those to come.
        request_kind: Their class.
        response_kind: The class of what is answered.

    Raises:
        SparringError: As the slot ends the stream.
    """

    async def all_requests() -> AsyncIterator[Any]:
        yield first
        async for request in requests:
            yield request

    async with grpc.aio.insecure_channel(address, options=MESSAGE_SIZE_OPTIONS) as channel:
        call = channel.stream_stream(
            method,
            request_serializer=request_kind.SerializeToString,
            response_deserializer=response_kind.FromString,  # type: ignore[attr-defined]
        )(all_requests())
        try:
            async for response in call:
                yield response
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error
        finally:
            call.cancel()
