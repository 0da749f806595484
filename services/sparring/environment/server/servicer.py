"""EnvironmentService on the host's own listener: descriptions, and sessions handed on to a free slot."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as pb_grpc
from sparring.codec.declaration import decode_component
from sparring.host.describing import describe
from sparring.host.handing_on import hand_on
from sparring.host.pool import SlotPool
from sparring.types.errors import ExhaustedError, SparringError
from sparring.types.holding import Refused

ENTRY = "sparring.environment.server.describing:answer"
SESSION = "/sparring.api.environment.v1.EnvironmentService/Session"
DESCRIBE_S = 120.0
GRANT_S = 30.0


class EnvironmentServicer(pb_grpc.EnvironmentServiceServicer):
    """Decode, ask, encode.

    A client that knows only this address (no broker) reaches a session through it: its frames are handed on to a slot. Sessions that the broker grants go
    to the slot directly.
    """

    def __init__(
        self, pool: SlotPool, plugins: Sequence[str], search_paths: Sequence[str], offered: Sequence[str]
    ) -> None:
        self._pool = pool
        self._plugins = plugins
        self._search_paths = search_paths
        self._offered = offered

    async def Describe(self, request: pb.DescribeRequest, context: Any) -> pb.DescribeResponse:
        """Describe an environment in a process of its own."""
        component = decode_component(request.environment)
        name = component.name or (self._offered[0] if len(self._offered) == 1 else "")
        question = {"ask": "describe", "name": name, "parameters": component.parameters}
        answers = await describe(
            ENTRY,
            [question],
            timeout_s=request.timeout_s or DESCRIBE_S,
            plugins=self._plugins,
            search_paths=self._search_paths,
        )
        if isinstance(answers[0], SparringError):
            raise answers[0].with_values(offered=", ".join(self._offered))
        response = pb.DescribeResponse.FromString(base64.b64decode(answers[0]["response"]))
        response.capacity = len(self._pool.slots)
        response.offered.extend(self._offered)
        return response

    async def Session(
        self, request_iterator: AsyncIterator[pb.SessionRequest], context: Any
    ) -> AsyncIterator[pb.SessionResponse]:
        """Hand a session on to a free slot."""
        token = ""
        async for first in request_iterator:
            token = first.start.token or first.attach.token or secrets.token_hex(16)
            if first.HasField("start") and not first.start.token:
                first.start.token = token
            break
        else:
            return
        admitted = await self._pool.admit(
            token, first.start.environment.name, time.time() + GRANT_S, first.start.origin.run
        )
        if isinstance(admitted, Refused):
            raise ExhaustedError(admitted.reason, admitted.message)
        async for response in hand_on(
            admitted.address, SESSION, first, request_iterator, pb.SessionRequest, pb.SessionResponse
        ):
            yield response
