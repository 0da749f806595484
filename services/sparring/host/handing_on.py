"""Hands the frames of a stream on to a slot: for clients that know only the host's own address, and no broker."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, Generic, TypeVar

from sparring.host.pool import SlotPool
from sparring.rpc.channels import open_channel
from sparring.rpc.tls import Tls
from sparring.types.errors import ExhaustedError, FailedPreconditionError, InvalidArgumentError, NotFoundError
from sparring.types.holding import Refused

Response = TypeVar("Response")

GRANT_S: Final = 30.0
_MOST_BYTES: Final = 64 << 20
"""What may come in chunks before the frame that says which session it is."""


class HandingOn(Generic[Response]):
    """One method of sessions.

    Args:
        pool: Admits, and knows who is where.
        method: Full name.
        request_kind: Class of the requests, with `start`, `attach` and `chunk`.
        response_kind: Class of the responses.
        describe: Component and run of a start, for people.
        token: The shared token, shown to the slot.
        tls: None speaks plaintext.
    """

    def __init__(
        self,
        pool: SlotPool,
        method: str,
        request_kind: type[Any],
        response_kind: type[Response],
        describe: Callable[[Any], tuple[str, str]],
        token: str | None = None,
        tls: Tls | None = None,
    ) -> None:
        self._pool = pool
        self._method = method
        self._request_kind = request_kind
        self._response_kind: Any = response_kind
        self._describe = describe
        self._token = token
        self._tls = tls

    async def serve(self, requests: AsyncIterator[Any]) -> AsyncIterator[Response]:
        """Find, or admit, the session that a stream is about; send its slot what comes, yield what that answers.

        Raises:
            ExhaustedError: SLOT_TAKEN.
            NotFoundError: SESSION_UNKNOWN.
            SparringError: As the slot ends the stream.
        """
        first: list[Any] = []
        async for request in requests:
            first.append(request)
            if request.WhichOneof("kind") != "chunk":
                break
            if sum(one.ByteSize() for one in first) > _MOST_BYTES:
                raise InvalidArgumentError("FRAME_MALFORMED", f"More than {_MOST_BYTES} bytes came before Start.")
        if not first:
            return
        address = await self._place(first[-1])

        async def all_requests() -> AsyncIterator[Any]:
            for request in first:
                yield request
            async for request in requests:
                yield request

        async with open_channel(address, token=self._token, tls=self._tls, retries=False) as channel:
            call = channel.stream_stream(
                self._method,
                request_serializer=self._request_kind.SerializeToString,
                response_deserializer=self._response_kind.FromString,
            )(all_requests())
            try:
                async for response in call:
                    yield response
            finally:
                call.cancel()
                if first[-1].WhichOneof("kind") == "start":
                    self._pool.forget(first[-1].start.token)  # the slot has refused it: the next one need not wait

    async def _place(self, frame: Any) -> str:
        """Return the slot of the session that a frame begins or takes up; a Start without a token is given one."""
        match frame.WhichOneof("kind"):
            case "attach":
                address = self._pool.address_of(frame.attach.token)
                if address is None:
                    raise NotFoundError("SESSION_UNKNOWN", "There is no such session here.")
                return address
            case "start":
                frame.start.token = frame.start.token or secrets.token_hex(16)
                component, run = self._describe(frame.start)
                admitted = await self._pool.admit(frame.start.token, component, time.time() + GRANT_S, run)
                if isinstance(admitted, Refused):
                    raise ExhaustedError(admitted.reason, admitted.message)
                return admitted.address
            case other:
                raise FailedPreconditionError(
                    "GRAMMAR_VIOLATED", f"A session begins with Start or Attach; found {other}."
                )
